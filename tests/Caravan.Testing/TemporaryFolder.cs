namespace Caravan.Testing;

/// <summary>A folder for one test, deleted with all it holds at the end.</summary>
public sealed class TemporaryFolder : IDisposable
{
    /// <summary>Creates the folder on the disk.</summary>
    public TemporaryFolder()
        : this(Directory.CreateTempSubdirectory("caravan-test-").FullName)
    {
    }

    private TemporaryFolder(string path) => Path = path;

    /// <summary>The folder's path.</summary>
    public string Path { get; }

    /// <summary>A folder in memory where the system has one, for thousands of small files; else on the disk.</summary>
    public static TemporaryFolder InMemory()
    {
        const string memory = "/dev/shm";
        return Directory.Exists(memory)
            ? new(Directory.CreateDirectory(System.IO.Path.Combine(memory, $"caravan-test-{Guid.NewGuid():N}")).FullName)
            : new();
    }

    /// <summary>A path inside the folder.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Writes a file inside the folder and returns its path.</summary>
    public string Write(string name, ReadOnlySpan<byte> content)
    {
        System.IO.File.WriteAllBytes(File(name), content.ToArray());
        return File(name);
    }

    /// <summary>Deletes the folder.</summary>
    public void Dispose() => Directory.Delete(Path, recursive: true);
}
