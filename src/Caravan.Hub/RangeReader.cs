using System.Net;
using System.Net.Http.Headers;

namespace Caravan.Hub;

/// <summary>The server sends whole files only.</summary>
internal sealed class RangesRefusedException : Exception;

/// <summary>A range of a file on its way into memory.</summary>
internal sealed class RangeRead
{
    private readonly byte[] buffer;
    private int count;

    /// <summary>Begins to read.</summary>
    public RangeRead(RangeReader reader, long start, int length, CancellationToken cancellation)
    {
        buffer = new byte[length];
        Completion = reader.ReadAsync(start, buffer, bytes => count += bytes, cancellation);
    }

    /// <summary>Ends when all of the range is there.</summary>
    public Task Completion { get; }

    /// <summary>What is there; to be asked for when <see cref="Completion"/> has ended.</summary>
    public ReadOnlyMemory<byte> Received => buffer.AsMemory(0, count);
}

/// <summary>Reads the content of one file, as often as it takes.</summary>
internal sealed class RangeReader(HubClient client, Repository repository, HubFile file, Action<int> received)
{
    /// <summary>Fills a buffer with the bytes from <paramref name="start"/> on.</summary>
    /// <exception cref="CaravanException">The server refuses, sends something else, or breaks off again and again.</exception>
    /// <exception cref="RangesRefusedException">The server sends whole files only.</exception>
    public Task ReadAsync(long start, Memory<byte> buffer, Action<int> arrived, CancellationToken cancellation)
    {
        int done = 0;
        return PersistAsync(() => done == buffer.Length, async () =>
        {
            (long from, long to) = (start + done, start + buffer.Length - 1);
            bool whole = from == 0 && buffer.Length == file.Size;
            using Answer answer = await client.OpenAsync(repository, file.Name, whole ? null : new RangeHeaderValue(from, to), cancellation);
            if (!whole) CheckRange(answer.Message, from);
            while (done < buffer.Length && await answer.ReadAsync(buffer[done..]) is > 0 and int count)
            {
                done += count;
                arrived(count);
                received(count);
            }

            return done - (from - start);
        }, cancellation);
    }

    /// <summary>Reads the file from its start and hands over what lies behind <paramref name="written"/>, for servers without ranges.</summary>
    /// <exception cref="CaravanException">The server refuses, or breaks off again and again.</exception>
    public Task ReadFromStartAsync(Func<long> written, Action<ReadOnlyMemory<byte>> write, CancellationToken cancellation) =>
        PersistAsync(() => written() == file.Size, async () =>
        {
            long before = written(), place = 0;
            using Answer answer = await client.OpenAsync(repository, file.Name, null, cancellation);
            Memory<byte> part = new byte[1 << 16];
            while (written() < file.Size && await answer.ReadAsync(part) is > 0 and int count)
            {
                ReadOnlyMemory<byte> news = part[(int)Math.Clamp(written() - place, 0, count)..(int)Math.Min(count, file.Size - place)];
                place += count;
                write(news);
                received(news.Length);
            }

            return written() - before;
        }, cancellation);

    /// <summary>Tries until all is there, and gives up after attempts that brought nothing.</summary>
    private async Task PersistAsync(Func<bool> finished, Func<Task<long>> attempt, CancellationToken cancellation)
    {
        int failures = 0;
        for (string problem = "the answer is too short"; !finished();)
        {
            bool progress = false;
            try
            {
                progress = await attempt() > 0;
            }
            catch (IOException exception)
            {
                problem = exception.Message;
            }

            if (finished()) return;
            failures = progress ? 0 : failures + 1;
            if (failures == HubClient.Attempts)
                throw new CaravanException($"The download of '{file.Name}' breaks off again and again ({problem}); run it again to go on where it stopped.");
            if (!progress) await client.BackOffAsync(failures - 1, cancellation);
        }
    }

    private void CheckRange(HttpResponseMessage message, long from)
    {
        if (message.StatusCode != HttpStatusCode.PartialContent) throw new RangesRefusedException();
        if (message.Content.Headers.ContentRange is { } range && range.From == from && (range.Length is null || range.Length == file.Size)) return;
        throw new CaravanException(
            $"The server sends another part of '{file.Name}' ({message.Content.Headers.ContentRange?.ToString() ?? "it does not say which"}) than was asked for (from {from} of {file.Size}); try again later.");
    }
}
