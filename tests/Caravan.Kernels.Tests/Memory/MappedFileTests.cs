using Caravan.Testing;

namespace Caravan.Kernels.Tests;

public sealed class MappedFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData(1)]
    [InlineData(4_096)]
    [InlineData(100_001)]
    public void Maps_all_bytes_of_a_file_and_no_more(int length)
    {
        byte[] content = [.. Enumerable.Range(0, length).Select(i => (byte)(i * 7))];
        string path = folder.Write("data", content);
        using MappedFile file = MappedFile.Open(path);
        Assert.Equal(path, file.Path);
        Assert.Equal(content, file.Bytes.AsSpan().ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Bytes[length]);
        using MappedFile again = MappedFile.Open(path);
        Assert.Equal(length, again.Bytes.Length);
    }

    [Fact]
    public void An_empty_file_is_named() => Fails(folder.Write("empty", []), "is empty (0 bytes); download or copy it again.");

    [Fact]
    public void A_directory_is_named() => Fails(folder.Path, "is a directory; a file was expected.");

    [Fact]
    public void A_missing_file_is_named()
    {
        Fails(folder.File("missing"), "does not exist; check the path.");
        Fails(Path.Combine(folder.Path, "no", "such", "folder"), "does not exist; check the path.");
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    public void What_is_no_path_is_named(string path) => Fails(path, "is not a path; check its spelling.");

    [Fact]
    public void Disposing_twice_is_harmless()
    {
        MappedFile file = MappedFile.Open(folder.Write("data", [1, 2, 3]));
        file.Dispose();
        file.Dispose();
        File.Delete(file.Path);
    }

    public void Dispose() => folder.Dispose();

    private static void Fails(string path, string sentence) =>
        Assert.Equal($"'{path}' {sentence}", Assert.Throws<CaravanException>(() => MappedFile.Open(path)).Message);
}
