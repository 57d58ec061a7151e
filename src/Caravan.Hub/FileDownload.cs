using Caravan.Formats;

namespace Caravan.Hub;

/// <summary>
/// Downloads one file. What is on the disk under <c>.incomplete</c> is always a beginning of the content, whatever ended the download, and is gone on from
/// the next time; the content gets its own name when its hash is right.
/// </summary>
internal sealed class FileDownload(HubClient client, HubCache cache, Repository repository, HubFile file, SemaphoreSlim connections, Action<int> received)
{
    private readonly string blob = cache.Blob(repository.Name, file.Hash);
    private readonly string incomplete = cache.Incomplete(repository.Name, file.Hash);

    /// <summary>Downloads what is missing; returns how many bytes came.</summary>
    /// <exception cref="CaravanException">The hub fails or sends something else, or the disk is full.</exception>
    public async Task<long> RunAsync(CancellationToken cancellation)
    {
        using IDisposable alone = await cache.LockAsync(repository.Name, file.Hash, client.Options, cancellation);
        if (cache.Holds(repository.Name, repository.Commit, file)) return 0;
        using ContentHash hash = new(file.Hash, file.Size);
        long came;
        using (FileStream output = Open())
        {
            long start = HashBeginning(output, hash);
            await FetchAsync(start, bytes => Append(output, hash, bytes.Span), cancellation);
            FileFailure.Guard(incomplete, file.Size, () => output.Flush(flushToDisk: true));
            came = file.Size - start;
        }

        if (hash.Finish() != file.Hash)
        {
            FileFailure.Guard(incomplete, 0, () => File.Delete(incomplete));
            throw new CaravanException($"What came as '{file.Name}' of '{repository.Name}' has another hash than the hub says ({file.Hash}), and was deleted; run it again.");
        }

        FileFailure.Guard(blob, file.Size, () => File.Move(incomplete, blob, overwrite: true));
        return came;
    }

    private FileStream Open()
    {
        FileStream? output = null;
        FileFailure.Guard(incomplete, file.Size, () =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(incomplete)!);
            output = new FileStream(incomplete, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            if (output.Length > file.Size) output.SetLength(0);
        });
        return output!;
    }

    /// <summary>Reads what is there already; the file then stands at its end.</summary>
    private static long HashBeginning(FileStream output, ContentHash hash)
    {
        byte[] part = new byte[1 << 20];
        while (output.Read(part) is > 0 and int count) hash.Append(part.AsSpan(0, count));
        return output.Position;
    }

    private void Append(FileStream output, ContentHash hash, ReadOnlySpan<byte> bytes)
    {
        try
        {
            output.Write(bytes);
        }
        catch (Exception exception) when (FileFailure.IsOne(exception))
        {
            throw FileFailure.Writing(incomplete, file.Size, exception);
        }

        hash.Append(bytes);
    }

    private async Task FetchAsync(long start, Action<ReadOnlyMemory<byte>> append, CancellationToken cancellation)
    {
        long written = start;
        void Write(ReadOnlyMemory<byte> bytes)
        {
            append(bytes);
            written += bytes.Length;
        }

        RangeReader reader = new(client, repository, file, received);
        try
        {
            await FetchRangesAsync(reader, start, Write, cancellation);
        }
        catch (RangesRefusedException)
        {
            await reader.ReadFromStartAsync(() => written, Write, cancellation);
        }
    }

    /// <summary>
    /// Several ranges at once, written in order. A permit is held from the request to the writing, which bounds the memory of all downloads together;
    /// each range waits only for those before it in its own file, which have theirs.
    /// </summary>
    private async Task FetchRangesAsync(RangeReader reader, long start, Action<ReadOnlyMemory<byte>> write, CancellationToken cancellation)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Queue<RangeRead> window = [];
        try
        {
            for (long next = start; next < file.Size || window.Count > 0;)
            {
                while (next < file.Size && await HasPermitAsync(window.Count == 0, cancellation))
                {
                    int length = (int)Math.Min(client.Options.RangeBytes, file.Size - next);
                    window.Enqueue(new RangeRead(reader, next, length, stop.Token));
                    next += length;
                }

                await window.Peek().Completion;
                write(window.Peek().Received);
                window.Dequeue();
                connections.Release();
            }
        }
        finally
        {
            await stop.CancelAsync();
            foreach (RangeRead range in window) await range.Completion.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            if (window.Count > 0) connections.Release(window.Count);
            // What came of the first one that did not end goes on from there the next time.
            if (window.TryPeek(out RangeRead? first)) write(first.Received);
        }
    }

    private async ValueTask<bool> HasPermitAsync(bool needed, CancellationToken cancellation)
    {
        if (!needed) return connections.Wait(0, cancellation);
        await connections.WaitAsync(cancellation);
        return true;
    }
}
