namespace Caravan.Hub;

/// <summary>What a download did.</summary>
/// <param name="Commit">The commit whose files these are.</param>
/// <param name="Folder">The folder with the files.</param>
/// <param name="Files">The files.</param>
internal sealed record PullReport(string Commit, string Folder, IReadOnlyList<PulledFile> Files)
{
    /// <summary>What to give to other verbs: the only GGUF file (or the first part of it), else the folder.</summary>
    public string ModelPath
    {
        get
        {
            string[] models = [.. Files.Select(file => file.Path).Where(path => path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal)];
            return models.Length == Files.Count && models.Length > 0 ? models[0] : Folder;
        }
    }
}

/// <summary>A file that is there now.</summary>
/// <param name="File">What the hub says about it.</param>
/// <param name="Path">Where it is.</param>
/// <param name="Downloaded">Bytes that came this time; 0 when it was there already.</param>
internal sealed record PulledFile(HubFile File, string Path, long Downloaded);

/// <summary>How far a download is.</summary>
/// <param name="Done">Bytes that came this time.</param>
/// <param name="Total">Bytes to come this time.</param>
internal readonly record struct PullProgress(long Done, long Total);
