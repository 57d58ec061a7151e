namespace Caravan.Formats;

/// <summary>Opens a single safetensors file together with the <c>config.json</c> beside it, if there is one.</summary>
internal static class SafetensorsReader
{
    /// <summary>Opens the file.</summary>
    /// <exception cref="CaravanException">It, or the config.json beside it, is damaged or not supported.</exception>
    public static Checkpoint Open(string path)
    {
        SafetensorsFile file = SafetensorsFile.Open(path);
        try
        {
            return new Checkpoint(path, "safetensors", file.Tensors, [file])
            {
                Config = HuggingFaceFolder.ConfigBeside(path),
                Annotations = file.Annotations,
            };
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
