namespace Caravan.Training;

/// <summary>A file of training data: JSON Lines, a JSON list, CSV, TSV or plain text, each also as gzip.</summary>
/// <param name="path">The file; its ending tells the kind.</param>
/// <param name="wholeFile">Whether a file of plain text is one document, instead of documents with blank lines between them.</param>
internal sealed class DataFile(string path, bool wholeFile = false)
{
    private static readonly string[] Endings = [".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".txt", ".text", ".md", ".parquet"];

    /// <summary>The file.</summary>
    public string Path => path;

    /// <summary>The files that a path names: itself, or those of a folder whose endings are known, in the order of their names.</summary>
    /// <exception cref="CaravanException">A folder without any.</exception>
    public static IReadOnlyList<string> Of(string path)
    {
        if (!Directory.Exists(path)) return [path];
        string[] files = [.. Directory.GetFiles(path).Where(file => Endings.Contains(EndingOf(file))).Order(StringComparer.Ordinal)];
        return files.Length > 0 ? files : throw new CaravanException($"The folder '{path}' holds no training data; files that end in {string.Join(", ", Endings[..^1])} were expected.");
    }

    /// <summary>The records in their order.</summary>
    /// <param name="progress">Told how many bytes of the file have been read, now and then.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="CaravanException">While they are drawn: the file cannot be read, or is broken.</exception>
    public IEnumerable<DataRecord> Read(Action<long>? progress = null, CancellationToken cancellation = default)
    {
        using DataStream stream = new(path);
        long reported = 0;
        foreach (DataRecord record in Reader().Read(stream, path))
        {
            cancellation.ThrowIfCancellationRequested();
            if (progress is not null && stream.Done > reported) progress(reported = stream.Done);
            yield return record;
        }
    }

    private RecordReader Reader() => EndingOf(path) switch
    {
        ".jsonl" or ".ndjson" or ".json" => new JsonRecords(),
        ".csv" => new CsvRecords(','),
        ".tsv" => new CsvRecords('\t'),
        ".txt" or ".text" or ".md" => new TextDocuments(wholeFile),
        string other => throw new CaravanException($"'{path}' ends in '{other}', which tells nothing; {string.Join(", ", Endings[..^1])} were expected, each also with .gz."),
    };

    private static string EndingOf(string file)
    {
        string name = System.IO.Path.GetFileName(file).ToLowerInvariant();
        if (name.EndsWith(".gz", StringComparison.Ordinal)) name = name[..^3];
        return System.IO.Path.GetExtension(name);
    }
}
