namespace Caravan.Hub;

/// <summary>An answer of a server whose content is still to be read; a connection that falls silent counts as broken.</summary>
internal sealed class Answer : IDisposable
{
    private readonly CancellationTokenSource deadline;
    private readonly TimeSpan silence;
    private readonly CancellationToken cancellation;
    private Stream? content;

    private Answer(HttpResponseMessage message, CancellationTokenSource deadline, TimeSpan silence, CancellationToken cancellation)
    {
        (Message, this.deadline, this.silence, this.cancellation) = (message, deadline, silence, cancellation);
    }

    /// <summary>Status and headers.</summary>
    public HttpResponseMessage Message { get; }

    /// <summary>Sends a request and waits for the headers.</summary>
    /// <exception cref="HttpRequestException">There is no answer.</exception>
    public static async Task<Answer> OfAsync(HttpClient http, HttpRequestMessage request, TimeSpan silence, CancellationToken cancellation)
    {
        CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            deadline.CancelAfter(silence);
            HttpResponseMessage message = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
            return new Answer(message, deadline, silence, cancellation);
        }
        catch (OperationCanceledException exception) when (!cancellation.IsCancellationRequested)
        {
            deadline.Dispose();
            throw new HttpRequestException("it does not answer", exception);
        }
        catch
        {
            deadline.Dispose();
            throw;
        }
    }

    /// <summary>Reads some of the content; 0 at its end.</summary>
    /// <exception cref="IOException">The connection broke or fell silent.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        try
        {
            deadline.CancelAfter(silence);
            content ??= await Message.Content.ReadAsStreamAsync(deadline.Token);
            return await content.ReadAsync(buffer, deadline.Token);
        }
        catch (OperationCanceledException exception) when (!cancellation.IsCancellationRequested)
        {
            throw new IOException("the connection fell silent", exception);
        }
        catch (HttpRequestException exception)
        {
            throw new IOException(exception.Message, exception);
        }
    }

    /// <summary>Reads all of the content.</summary>
    /// <exception cref="CaravanException">It is longer than <paramref name="limit"/>, or breaks off.</exception>
    public async Task<byte[]> ReadAsync(int limit)
    {
        string host = Message.RequestMessage!.RequestUri!.GetLeftPart(UriPartial.Authority);
        try
        {
            using MemoryStream all = new();
            byte[] part = new byte[1 << 16];
            while (await ReadAsync(part.AsMemory()) is > 0 and int count)
            {
                all.Write(part, 0, count);
                if (all.Length > limit) throw new CaravanException($"{host} answers with more than {limit} bytes where a list of files was expected; check HF_ENDPOINT.");
            }

            return all.ToArray();
        }
        catch (IOException exception)
        {
            throw new CaravanException($"The answer of {host} breaks off: {exception.Message}; run it again.", exception);
        }
    }

    public void Dispose()
    {
        Message.Dispose();
        deadline.Dispose();
    }
}
