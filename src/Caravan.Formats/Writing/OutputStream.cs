namespace Caravan.Formats;

/// <summary>
/// The stream behind an <see cref="AtomicFile"/>: counts what is written, reports progress, notices cancellation between pieces,
/// and turns every failure of the disk into a <see cref="CaravanException"/>.
/// </summary>
internal sealed class OutputStream(Stream inner, string path, long bytes, WriteProgress progress) : Stream
{
    private const int LargestPiece = 1 << 22;

    private long written;

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => written;

    /// <summary>Bytes written so far.</summary>
    public override long Position { get => written; set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (true)
        {
            progress.ThrowIfCancelled();
            ReadOnlySpan<byte> piece = buffer[..Math.Min(buffer.Length, LargestPiece)];
            WritePiece(piece);
            written += piece.Length;
            progress.Add(piece.Length);
            if (piece.Length == buffer.Length) return;
            buffer = buffer[piece.Length..];
        }
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <summary>Does nothing: bytes reach the disk when the file is finished.</summary>
    public override void Flush()
    {
    }

    /// <summary>Waits until every byte is on the disk.</summary>
    public void FlushToDisk() => FileFailure.Guard(path, bytes, () =>
    {
        if (inner is FileStream file) file.Flush(flushToDisk: true);
        else inner.Flush();
    });

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) FileFailure.Guard(path, bytes, inner.Dispose);
        base.Dispose(disposing);
    }

    private void WritePiece(ReadOnlySpan<byte> piece)
    {
        try
        {
            inner.Write(piece);
        }
        catch (Exception exception) when (FileFailure.IsOne(exception))
        {
            throw FileFailure.Writing(path, bytes, exception);
        }
    }
}
