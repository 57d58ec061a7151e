using Caravan.Kernels;
using Caravan.Testing;

namespace Caravan.Formats.Tests;

/// <summary>Whatever stops a writer, nothing is left under the final name or beside it, and a file that was there stays.</summary>
public sealed class WriterFailureTests : IDisposable
{
    private const int TensorBytes = 10_000_000;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>Writes three tensors of 10 MB: as GGUF, as one safetensors file, as three shards.</summary>
    private void Write(string kind, WriteOptions options)
    {
        TensorSource[] tensors = [.. "abc".Select(name => new TensorSource(
            $"{name}", DType.U8, [TensorBytes], stream => stream.Write(new byte[TensorBytes])))];
        if (kind == "gguf") GgufWriter.Write(folder.File("x.gguf"), new GgufMetadata(), [.. tensors.Select(tensor => tensor with { DType = DType.I8 })], options);
        else if (kind == "safetensors") SafetensorsWriter.Write(folder.File("x.safetensors"), tensors, options: options);
        else SafetensorsWriter.WriteFolder(folder.Path, tensors, TensorBytes, options: options);
    }

    [Theory]
    [InlineData("gguf", "x.gguf")]
    [InlineData("safetensors", "x.safetensors")]
    [InlineData("shards", "model-00001-of-00003.safetensors")]
    public void Full_disk(string kind, string name)
    {
        // The kernel's own ENOSPC: everything written to /dev/full fails.
        if (!File.Exists("/dev/full")) return;
        string needed = "";
        string sentence = Sentence.Of(() => Write(kind, new WriteOptions
        {
            OpenStream = (path, bytes) =>
            {
                Assert.Equal(folder.File(name) + ".partial", path);
                needed = $"{bytes}";
                return new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0);
            },
        }));
        Assert.Equal($"'{folder.File(name)}' cannot be written: the disk is full and {needed} bytes are needed; free some space or write to another disk.", sentence);
        Assert.InRange(long.Parse(needed), TensorBytes, 4 * TensorBytes);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("gguf", 25_000_000)]
    [InlineData("safetensors", 25_000_000)]
    [InlineData("shards", 5_000_000)]
    public void A_disk_that_fills_up_half_way(string kind, long room)
    {
        IOException full = new("No space left on device", unchecked((int)0x80070070));
        string sentence = Sentence.Of(() => Write(kind, FailingAfter(room, full)));
        Assert.Contains("cannot be written: the disk is full and ", sentence, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void The_third_shard_failing_takes_the_first_two_along()
    {
        int opened = 0;
        Assert.Throws<CaravanException>(() => Write("shards", new WriteOptions
        {
            OpenStream = (path, bytes) => new FailingStream(AtomicFile.OpenStream(path, bytes), ++opened == 3 ? 1_000_000 : long.MaxValue, new IOException("cable cut")),
        }));
        Assert.Equal(3, opened);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Other_failures_of_the_disk() => Assert.Equal(
        $"'{folder.File("x.gguf")}' cannot be written: cable cut", Sentence.Of(() => Write("gguf", FailingAfter(100, new IOException("cable cut")))));

    [Fact]
    public void Permission_denied()
    {
        // Tests may run as root, whom mode bits do not stop.
        WriteOptions denied = new() { OpenStream = (path, _) => throw new UnauthorizedAccessException($"Access to the path '{path}' is denied.") };
        Assert.Equal($"'{folder.File("x.gguf")}' cannot be written: permission denied; write to a folder of your own.", Sentence.Of(() => Write("gguf", denied)));
    }

    [Fact]
    public void Missing_folder_and_directory()
    {
        string missing = Path.Combine(folder.Path, "no", "x.gguf");
        Assert.Equal(
            $"'{missing}' cannot be written: the folder '{Path.GetDirectoryName(missing)}' does not exist; create it first.",
            Sentence.Of(() => GgufWriter.Write(missing, new GgufMetadata(), [])));
        Assert.Equal(
            $"'{folder.Path}' cannot be written: it is a directory; give the name of a file.",
            Sentence.Of(() => GgufWriter.Write(folder.Path, new GgufMetadata(), [])));
    }

    [Theory]
    [InlineData("gguf")]
    [InlineData("safetensors")]
    [InlineData("shards")]
    public void Cancelling(string kind)
    {
        using CancellationTokenSource source = new();
        WriteOptions options = new()
        {
            Cancellation = source.Token,
            Progress = (done, _) =>
            {
                if (done > TensorBytes) source.Cancel();
            },
        };
        Assert.Throws<OperationCanceledException>(() => Write(kind, options));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_failing_source_leaves_the_old_file_as_it_was()
    {
        string path = folder.Write("x.gguf", [1, 2, 3]);
        TensorSource broken = new("a", DType.F32, [1], _ => throw new CaravanException("The source broke."));
        Assert.Equal("The source broke.", Sentence.Of(() => GgufWriter.Write(path, new GgufMetadata(), [broken])));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        Assert.Single(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_source_of_the_wrong_length_is_a_bug()
    {
        TensorSource wrong = new("a", DType.F32, [1], stream => stream.WriteByte(1));
        Assert.Throws<InvalidOperationException>(() => GgufWriter.Write(folder.File("x.gguf"), new GgufMetadata(), [wrong]));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("gguf")]
    [InlineData("safetensors")]
    [InlineData("shards")]
    public void Progress_rises_to_the_total(string kind)
    {
        List<(long Done, long Total)> reports = [];
        Write(kind, new WriteOptions { Progress = (done, total) => reports.Add((done, total)) });
        Assert.True(reports.Count >= 6, $"{reports.Count} reports for 30 MB");
        Assert.Equal(reports.Select(report => report.Done).Order(), reports.Select(report => report.Done));
        Assert.All(reports, report => Assert.Equal(reports[^1].Done, report.Total));
        long written = Directory.EnumerateFiles(folder.Path).Where(file => !file.EndsWith(".json", StringComparison.Ordinal)).Sum(file => new FileInfo(file).Length);
        Assert.Equal(written, reports[^1].Total);
    }

    [Fact]
    public void A_disk_that_is_too_small_shows_at_once()
    {
        long bytes = 1L << 60;
        Assert.Equal(
            $"'{folder.File("x")}' cannot be written: the disk is full and {bytes} bytes are needed; free some space or write to another disk.",
            Sentence.Of(() => AtomicFile.Create(folder.File("x"), bytes).Dispose()));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Small_files_are_replaced_whole()
    {
        string path = folder.Write("config.json", "old and longer"u8);
        AtomicFile.Write(path, "new"u8);
        Assert.Equal("new", File.ReadAllText(path));
        Assert.Single(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    private static WriteOptions FailingAfter(long room, Exception failure) =>
        new() { OpenStream = (path, bytes) => new FailingStream(AtomicFile.OpenStream(path, bytes), room, failure) };
}
