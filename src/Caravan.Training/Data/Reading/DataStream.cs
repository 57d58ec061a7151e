using System.Buffers.Binary;
using System.IO.Compression;

namespace Caravan.Training;

/// <summary>The bytes of a file of training data, unpacked where it is gzip; every failure of the disk is a sentence.</summary>
internal sealed class DataStream : Stream
{
    private readonly FileStream file;
    private readonly Stream inner;
    private readonly string path;
    private long unpacked;

    /// <summary>Opens the file.</summary>
    /// <exception cref="CaravanException">It is missing or may not be read, or is of a kind that is not read.</exception>
    public DataStream(string path)
    {
        this.path = path;
        if (Directory.Exists(path)) throw new CaravanException($"'{path}' is a folder; name the files of training data in it.");
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            Span<byte> magic = stackalloc byte[4];
            int length = file.ReadAtLeast(magic, 4, throwOnEndOfStream: false);
            if (magic[..length].SequenceEqual("PAR1"u8))
                throw new CaravanException($"'{path}' is a Parquet file, which is not read; write it as JSON Lines first (in pandas: to_json(path, orient='records', lines=True)).");
            file.Position = 0;
            inner = magic[..length].StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]) ? new GZipStream(file, CompressionMode.Decompress) : file;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            throw exception is FileNotFoundException or DirectoryNotFoundException
                ? new CaravanException($"'{path}' does not exist; check the path.", exception)
                : Unreadable(exception);
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }

    /// <summary>How much of the file on the disk has been read, in bytes; for progress.</summary>
    public long Done => file.Position;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        try
        {
            int read = inner.Read(buffer);
            unpacked += read;
            if (read == 0 && buffer.Length > 0 && inner != file && SizeAtEnd() > unpacked) throw new InvalidDataException("The file ends before the data.");
            return read;
        }
        catch (InvalidDataException exception)
        {
            throw new CaravanException($"'{path}' is a broken gzip file; download or compress it again.", exception);
        }
        catch (IOException exception)
        {
            throw Unreadable(exception);
        }
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>
    /// The size of the data, by which gzip ends (RFC 1952: modulo 2^32, and of the last member alone), since the framework takes a file that is cut off for
    /// one that has ended. What stands at a cut is any number, mostly a larger one.
    /// </summary>
    private uint SizeAtEnd()
    {
        Span<byte> size = stackalloc byte[4];
        if (file.Length < 18) return uint.MaxValue;
        file.Position = file.Length - 4;
        file.ReadExactly(size);
        return BinaryPrimitives.ReadUInt32LittleEndian(size);
    }

    private CaravanException Unreadable(Exception exception) => new($"'{path}' cannot be read: {exception.Message}", exception);
}
