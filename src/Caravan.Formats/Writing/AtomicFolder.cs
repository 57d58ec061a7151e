namespace Caravan.Formats;

/// <summary>
/// A folder that appears under its name only when everything in it is written: it is filled beside it as <c>name.partial</c> and renamed.
/// Disposed before <see cref="Commit"/>, it deletes what was written. Every failure of the file system is a <see cref="CaravanException"/>.
/// </summary>
internal sealed class AtomicFolder : IDisposable
{
    private bool committed;

    private AtomicFolder(string path) => Path = path;

    /// <summary>The name that the folder will have.</summary>
    public string Path { get; }

    /// <summary>Where its files are written to meanwhile.</summary>
    public string PartialPath => Path + ".partial";

    private string ReplacedPath => Path + ".replaced";

    /// <summary>Starts a folder, empty; what an interrupted earlier attempt left beside it is deleted.</summary>
    /// <exception cref="CaravanException">The folder above is missing or may not be written to.</exception>
    public static AtomicFolder Create(string path)
    {
        string full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        if (System.IO.Path.GetDirectoryName(full) is { } parent && !Directory.Exists(parent))
            throw new CaravanException($"'{path}' cannot be written: the folder '{parent}' does not exist; create it first.");
        AtomicFolder folder = new(full);
        FileFailure.Guard(path, 0, () =>
        {
            if (Directory.Exists(folder.PartialPath)) Directory.Delete(folder.PartialPath, recursive: true);
            Directory.CreateDirectory(folder.PartialPath);
        });
        return folder;
    }

    /// <summary>Gives the folder its name. A folder that had it is replaced, and is back under its name if that fails.</summary>
    /// <exception cref="CaravanException">It may not be renamed, or the old one not be replaced.</exception>
    public void Commit() => FileFailure.Guard(Path, 0, () =>
    {
        bool replaces = Directory.Exists(Path);
        if (replaces) Directory.Move(Path, ReplacedPath);
        try
        {
            Directory.Move(PartialPath, Path);
        }
        catch when (replaces)
        {
            Directory.Move(ReplacedPath, Path);
            throw;
        }

        committed = true;
        if (replaces) Directory.Delete(ReplacedPath, recursive: true);
    });

    /// <summary>Deletes what was written, unless it was committed.</summary>
    public void Dispose()
    {
        if (committed) return;
        try
        {
            Directory.Delete(PartialPath, recursive: true);
        }
        catch (Exception exception) when (FileFailure.IsOne(exception))
        {
            // A disk that fails to delete has failed to write before, and that failure is on its way to the user.
        }
    }
}
