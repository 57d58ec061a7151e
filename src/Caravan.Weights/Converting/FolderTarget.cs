using Caravan.Formats;

namespace Caravan.Weights;

/// <summary>Writes a Hugging Face folder: <c>config.json</c>, safetensors, the tokenizer's files.</summary>
internal static class FolderTarget
{
    /// <summary>Writes the folder; it appears when it is complete.</summary>
    public static void Write(Conversion conversion, string path, TensorEncoder encoder, WriteOptions options)
    {
        TokenizerTransfer tokenizer = new(conversion);
        byte[] config = HuggingFaceConfig.Of(conversion, tokenizer);
        using AtomicFolder folder = AtomicFolder.Create(path);
        TensorSource[] tensors = [.. BitsAndBytesWriter.Apart(conversion.Tensors.Select(encoder.Source))];
        SafetensorsWriter.WriteFolder(folder.PartialPath, tensors, conversion.Options.MaxShardBytes, options: options);
        AtomicFile.Write(Path.Combine(folder.PartialPath, "config.json"), config);
        tokenizer.ToFolder(folder.PartialPath);
        folder.Commit();
    }
}
