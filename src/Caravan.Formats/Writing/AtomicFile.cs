namespace Caravan.Formats;

/// <summary>
/// A file that appears under its name only when it is complete: it is written beside it as <c>name.partial</c>, flushed to the disk and renamed.
/// Disposed before <see cref="Commit"/>, it deletes what was written. Every failure of the file system is a <see cref="CaravanException"/>.
/// </summary>
internal sealed class AtomicFile : IDisposable
{
    private const string PartialSuffix = ".partial";

    private readonly long bytes;
    private bool finished;
    private bool committed;

    private AtomicFile(string path, long bytes, OutputStream stream)
    {
        Path = path;
        this.bytes = bytes;
        Output = stream;
    }

    /// <summary>The name that the file will have.</summary>
    public string Path { get; }

    /// <summary>Where the contents are written to.</summary>
    public Stream Stream => Output;

    /// <summary>The same, counting what is written.</summary>
    internal OutputStream Output { get; }

    private string PartialPath => Path + PartialSuffix;

    /// <summary>Writes a small file in one go.</summary>
    /// <exception cref="CaravanException">It cannot be written; nothing is left behind.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        using AtomicFile file = Filled(path, content);
        file.Commit();
    }

    /// <summary>Starts a file of <paramref name="bytes"/> bytes (0 when not known), which are reserved on the disk at once.</summary>
    /// <exception cref="CaravanException">The folder is missing or full, or may not be written to.</exception>
    public static AtomicFile Create(string path, long bytes = 0)
    {
        WriteOptions options = new();
        return Create(path, bytes, new WriteProgress(bytes, options), options);
    }

    /// <summary>Writes the buffered bytes to the disk and closes the file, still under its temporary name.</summary>
    /// <exception cref="CaravanException">The disk is full or fails.</exception>
    public void Finish()
    {
        if (finished) return;
        Output.FlushToDisk();
        finished = true;
        Output.Dispose();
    }

    /// <summary>Finishes the file and gives it its name, replacing a file that had it.</summary>
    /// <exception cref="CaravanException">The disk is full or fails, or the file may not be replaced.</exception>
    public void Commit()
    {
        Finish();
        FileFailure.Guard(Path, bytes, () => File.Move(PartialPath, Path, overwrite: true));
        committed = true;
    }

    /// <summary>Deletes what was written, unless it was committed.</summary>
    public void Dispose()
    {
        if (committed) return;
        try
        {
            if (!finished) Output.Dispose();
        }
        catch (CaravanException)
        {
            // Closing flushes once more; the failure that led here has been thrown already.
        }

        DeletePartial(PartialPath);
    }

    /// <summary>A file that holds the bytes and is still to be committed.</summary>
    internal static AtomicFile Filled(string path, ReadOnlySpan<byte> content)
    {
        AtomicFile file = Create(path, content.Length);
        try
        {
            file.Stream.Write(content);
            file.Finish();
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    internal static AtomicFile Create(string path, long bytes, WriteProgress progress, WriteOptions options)
    {
        if (Directory.Exists(path)) throw new CaravanException($"'{path}' cannot be written: it is a directory; give the name of a file.");
        Stream opened = System.IO.Stream.Null;
        FileFailure.Guard(path, bytes, () => opened = options.OpenStream(path + PartialSuffix, bytes));
        return new AtomicFile(path, bytes, new OutputStream(opened, path, bytes, progress));
    }

    /// <summary>Creates the file and reserves its size, so that a full disk shows before the work and not after it.</summary>
    internal static Stream OpenStream(string path, long bytes)
    {
        try
        {
            return new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.Create,
                Access = FileAccess.Write,
                Share = FileShare.None,
                PreallocationSize = bytes,
                BufferSize = 1 << 16,
            });
        }
        catch (IOException exception) when (bytes > FreeBytes(path))
        {
            // .NET gives a reservation that fails no error number of its own.
            throw new IOException(exception.Message, FileFailure.DiskFull);
        }
    }

    private static long FreeBytes(string path)
    {
        try
        {
            string folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;
            return new DriveInfo(OperatingSystem.IsWindows() ? System.IO.Path.GetPathRoot(folder)! : folder).AvailableFreeSpace;
        }
        catch (Exception exception) when (FileFailure.IsOne(exception) || exception is ArgumentException)
        {
            return long.MaxValue;
        }
    }

    private static void DeletePartial(string partial)
    {
        try
        {
            File.Delete(partial);
        }
        catch (Exception exception) when (FileFailure.IsOne(exception))
        {
            // A disk that fails to delete has failed to write before, and that failure is on its way to the user.
        }
    }
}
