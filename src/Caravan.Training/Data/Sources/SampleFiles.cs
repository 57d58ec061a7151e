namespace Caravan.Training;

/// <summary>Files of samples, each in the format that its first record speaks for, or all in a given one.</summary>
internal sealed class SampleFiles
{
    private readonly Dictionary<string, SampleFormat> formats = [];

    /// <summary>Looks at the first record of each file.</summary>
    /// <param name="paths">Files, or folders of files.</param>
    /// <param name="format">The format of all; null to find it.</param>
    /// <param name="wholeFile">Whether a file of plain text is one document.</param>
    /// <exception cref="CaravanException">A file is missing or empty, or its format cannot be told.</exception>
    public SampleFiles(IEnumerable<string> paths, SampleFormat? format = null, bool wholeFile = false)
    {
        Files = [.. paths.SelectMany(DataFile.Of).Select(path => new DataFile(path, wholeFile))];
        if (Files.Count == 0) throw new CaravanException("No files of training data were named.");
        foreach (DataFile file in Files)
        {
            DataRecord first = file.Read().FirstOrDefault() ?? throw new CaravanException($"'{file.Path}' holds no records.");
            formats[file.Path] = format ?? SampleFormats.Of(first.Parse());
        }
    }

    /// <summary>The files.</summary>
    public IReadOnlyList<DataFile> Files { get; }

    /// <summary>Bytes of all files on the disk.</summary>
    public long Bytes => Files.Sum(file => new FileInfo(file.Path).Length);

    /// <summary>The format of a file.</summary>
    public SampleFormat FormatOf(string path) => formats[path];

    /// <summary>The records of all files, one after the other.</summary>
    /// <param name="progress">Told how many bytes of all files have been read.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="CaravanException">While they are drawn: a file is broken.</exception>
    public IEnumerable<DataRecord> Records(Action<long>? progress = null, CancellationToken cancellation = default)
    {
        long before = 0;
        foreach (DataFile file in Files)
        {
            long start = before;
            foreach (DataRecord record in file.Read(progress is null ? null : done => progress(start + done), cancellation)) yield return record;
            before += new FileInfo(file.Path).Length;
        }
    }

    /// <summary>The samples of all files, one after the other; see <see cref="Records"/>.</summary>
    public IEnumerable<Sample> Samples(Action<long>? progress = null, CancellationToken cancellation = default) => Records(progress, cancellation).Select(Read);

    /// <summary>A record of one of the files as a sample.</summary>
    /// <exception cref="CaravanException">It is broken, or lacks what its format needs.</exception>
    public Sample Read(DataRecord record) => formats[record.Origin.File].Read(record.Parse());
}
