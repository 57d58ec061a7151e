using Caravan.Formats;

namespace Caravan.Hub;

/// <summary>
/// The folder layout that huggingface_hub keeps models in, so that what one downloaded the other finds:
/// <c>models--org--name/blobs/HASH</c> (contents), <c>snapshots/COMMIT/file</c> (links to them), <c>refs/main</c> (a commit).
/// </summary>
internal sealed class HubCache(string folder, bool links = true)
{
    /// <summary>The revision that is meant when none is named.</summary>
    public const string UsualRevision = "main";

    /// <summary>The folder of all repositories.</summary>
    public string Folder => folder;

    /// <summary>The content with a hash.</summary>
    public string Blob(RepositoryName name, string hash) => Path.Combine(folder, name.Folder, "blobs", hash);

    /// <summary>The beginning of that content, as far as it has come.</summary>
    public string Incomplete(RepositoryName name, string hash) => Blob(name, hash) + ".incomplete";

    /// <summary>The folder with the files of a commit.</summary>
    public string Snapshot(RepositoryName name, string commit) => Path.Combine(folder, name.Folder, "snapshots", commit);

    /// <summary>The folder of a revision that is there, or null.</summary>
    public string? FindSnapshot(RepositoryName name, string revision = UsualRevision)
    {
        string reference = Reference(name, revision);
        string commit = ContentHash.IsCommit(revision) ? revision : File.Exists(reference) ? File.ReadAllText(reference).Trim() : "";
        return ContentHash.IsCommit(commit) && Directory.Exists(Snapshot(name, commit)) ? Snapshot(name, commit) : null;
    }

    /// <summary>The repositories that are there.</summary>
    public IEnumerable<string> Names() => !Directory.Exists(folder) ? [] :
        Directory.EnumerateDirectories(folder, "models--*")
            .Select(path => Path.GetFileName(path)["models--".Length..].Replace("--", "/", StringComparison.Ordinal));

    /// <summary>Whether a file is there, complete.</summary>
    public bool Holds(RepositoryName name, string commit, HubFile file) =>
        HasSize(Blob(name, file.Hash), file.Size) || HasSize(SafePath.In(Snapshot(name, commit), file.Name), file.Size);

    /// <summary>Bytes of a file that have come already.</summary>
    public long BytesOf(RepositoryName name, string commit, HubFile file)
    {
        if (Holds(name, commit, file)) return file.Size;
        FileInfo incomplete = new(Incomplete(name, file.Hash));
        return incomplete.Exists && incomplete.Length <= file.Size ? incomplete.Length : 0;
    }

    /// <summary>Keeps other programs from downloading the same content, or publishing files of the same commit, meanwhile; waits for one that does.</summary>
    /// <param name="name">The repository.</param>
    /// <param name="hash">Of the content, or of the commit.</param>
    /// <param name="options">How to wait.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    public async Task<IDisposable> LockAsync(RepositoryName name, string hash, HubOptions options, CancellationToken cancellation)
    {
        string path = Path.Combine(folder, ".locks", name.Folder, hash + ".lock");
        FileFailure.Guard(path, 0, () => Directory.CreateDirectory(Path.GetDirectoryName(path)!));
        while (true)
        {
            try
            {
                // Of Unix this is flock, which huggingface_hub asks too.
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await options.Wait(TimeSpan.FromMilliseconds(500), cancellation);
            }
            catch (UnauthorizedAccessException exception)
            {
                throw FileFailure.Writing(path, 0, exception);
            }
        }
    }

    /// <summary>Puts a downloaded content under its file name into a snapshot; returns the path.</summary>
    /// <param name="name">The repository.</param>
    /// <param name="commit">The snapshot.</param>
    /// <param name="file">The file.</param>
    /// <param name="twin">Where the same content was put under another name, or null.</param>
    public string Publish(RepositoryName name, string commit, HubFile file, string? twin)
    {
        (string blob, string path) = (Blob(name, file.Hash), SafePath.In(Snapshot(name, commit), file.Name));
        FileFailure.Guard(path, file.Size, () =>
        {
            string parent = Path.GetDirectoryName(path)!, target = Path.GetRelativePath(parent, blob);
            FileInfo present = new(path);
            Directory.CreateDirectory(parent);
            if (links && present.LinkTarget == target) return;
            if (!File.Exists(blob))
            {
                if (!present.Exists) File.Copy(twin!, path);
                return;
            }

            if (present.Exists || present.LinkTarget is not null) File.Delete(path);
            if (!links || !TryLink(path, target)) File.Move(blob, path);
        });
        return path;
    }

    /// <summary>Remembers which commit a revision means.</summary>
    public void SetReference(RepositoryName name, string revision, string commit)
    {
        if (ContentHash.IsCommit(revision)) return;
        string path = Reference(name, revision);
        FileFailure.Guard(path, commit.Length, () =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path + ".partial", commit);
            File.Move(path + ".partial", path, overwrite: true);
        });
    }

    private string Reference(RepositoryName name, string revision) => SafePath.In(Path.Combine(folder, name.Folder, "refs"), revision);

    private static bool HasSize(string path, long size) =>
        new FileInfo(path) is { Exists: true } file && ((file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo) ?? file) is { Exists: true } found && found.Length == size;

    /// <summary>Windows allows links to few users.</summary>
    private static bool TryLink(string path, string target)
    {
        try
        {
            File.CreateSymbolicLink(path, target);
            return true;
        }
        catch (Exception exception) when (FileFailure.IsOne(exception))
        {
            return false;
        }
    }
}
