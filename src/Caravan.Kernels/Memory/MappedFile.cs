using System.IO.MemoryMappedFiles;

namespace Caravan.Kernels;

/// <summary>A file mapped read-only into memory: its bytes are read by the system when touched, and shared between processes.</summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile file;
    private readonly MemoryMappedViewAccessor view;
    private bool disposed;

    private MappedFile(string path, MemoryMappedFile file, MemoryMappedViewAccessor view, long length)
    {
        Path = path;
        this.file = file;
        this.view = view;
        byte* pointer = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        Bytes = new NativeSpan<byte>(pointer + view.PointerOffset, length);
    }

    /// <summary>The path that was opened.</summary>
    public string Path { get; }

    /// <summary>The bytes of the file; valid until the file is disposed.</summary>
    public NativeSpan<byte> Bytes { get; }

    /// <summary>Maps the file at <paramref name="path"/>.</summary>
    /// <exception cref="CaravanException">It is missing, a directory, empty, or may not be read.</exception>
    public static MappedFile Open(string path)
    {
        if (Directory.Exists(path)) throw new CaravanException($"'{path}' is a directory; a file was expected.");
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            long length = stream.Length;
            if (length == 0) throw new CaravanException($"'{path}' is empty (0 bytes); download or copy it again.");
            MemoryMappedFile file = MemoryMappedFile.CreateFromFile(
                stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            try
            {
                return new MappedFile(path, file, file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read), length);
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CaravanException($"'{path}' does not exist; check the path.", exception);
        }
        catch (ArgumentException exception)
        {
            throw new CaravanException($"'{path}' is not a path; check its spelling.", exception);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new CaravanException($"'{path}' cannot be read: permission denied.", exception);
        }
        catch (IOException exception)
        {
            throw new CaravanException($"'{path}' cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Unmaps the file; views of its bytes must no longer be used.</summary>
    public void Dispose()
    {
        if (disposed) return;
        disposed = true;
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
        file.Dispose();
    }
}
