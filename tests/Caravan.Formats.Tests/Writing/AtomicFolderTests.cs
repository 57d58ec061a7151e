using Caravan.Testing;

namespace Caravan.Formats.Tests;

public sealed class AtomicFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Appears_when_it_is_committed()
    {
        using AtomicFolder atomic = AtomicFolder.Create(folder.File("model"));
        File.WriteAllText(Path.Combine(atomic.PartialPath, "a"), "1");
        Assert.False(Directory.Exists(folder.File("model")));
        atomic.Commit();
        Assert.Equal([folder.File("model")], Directory.EnumerateFileSystemEntries(folder.Path));
        Assert.Equal("1", File.ReadAllText(Path.Combine(folder.File("model"), "a")));
    }

    [Fact]
    public void Leaves_nothing_and_the_old_one_when_it_is_not()
    {
        Directory.CreateDirectory(folder.File("model"));
        File.WriteAllText(Path.Combine(folder.File("model"), "old"), "1");
        using (AtomicFolder atomic = AtomicFolder.Create(folder.File("model"))) File.WriteAllText(Path.Combine(atomic.PartialPath, "a"), "1");
        Assert.Equal([folder.File("model")], Directory.EnumerateFileSystemEntries(folder.Path));
        Assert.True(File.Exists(Path.Combine(folder.File("model"), "old")));
    }

    [Fact]
    public void Replaces_an_old_one_whole_and_an_interrupted_attempt()
    {
        foreach (string name in (string[])["model", "model.partial"])
        {
            Directory.CreateDirectory(folder.File(name));
            File.WriteAllText(Path.Combine(folder.File(name), "old"), "1");
        }

        using AtomicFolder atomic = AtomicFolder.Create(folder.File("model") + Path.DirectorySeparatorChar);
        Assert.Empty(Directory.EnumerateFileSystemEntries(atomic.PartialPath));
        File.WriteAllText(Path.Combine(atomic.PartialPath, "new"), "1");
        atomic.Commit();
        Assert.Equal([folder.File("model")], Directory.EnumerateFileSystemEntries(folder.Path));
        Assert.Equal(["new"], Directory.EnumerateFiles(folder.File("model")).Select(Path.GetFileName));
    }

    [Fact]
    public void A_missing_parent_is_named() => Assert.Equal(
        $"'{folder.File("no/model")}' cannot be written: the folder '{folder.File("no")}' does not exist; create it first.",
        Sentence.Of(() => AtomicFolder.Create(folder.File("no/model"))));
}
