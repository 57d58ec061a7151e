using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Caravan.Testing;

/// <summary>An HTTP server on this machine, small enough to misbehave exactly as a test wants.</summary>
public sealed class WebServer : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly Func<WebRequest, WebResponse> answer;

    /// <summary>Starts to listen.</summary>
    public WebServer(Func<WebRequest, WebResponse> answer)
    {
        this.answer = answer;
        listener.Start();
        _ = Task.Run(AcceptAsync);
    }

    /// <summary>Such as <c>http://127.0.0.1:40001</c>.</summary>
    public string Address => $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";

    /// <summary>What was asked so far.</summary>
    public ConcurrentQueue<WebRequest> Requests { get; } = [];

    /// <summary>Stops.</summary>
    public void Dispose() => listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await listener.AcceptTcpClientAsync();
                // Not of the pool, which connections that a test holds would use up.
                new Thread(() => Serve(client)) { IsBackground = true }.Start();
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private void Serve(TcpClient client)
    {
        using (client)
        {
            try
            {
                using NetworkStream stream = client.GetStream();
                if (ReadRequest(stream) is not { } request) return;
                Requests.Enqueue(request);
                Send(stream, request, answer(request));
                // Not to reset a connection whose last bytes are still on their way.
                client.Client.Shutdown(SocketShutdown.Send);
            }
            catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException)
            {
                // The client has gone, or the test that held the answer.
            }
        }
    }

    private static WebRequest? ReadRequest(NetworkStream stream)
    {
        StringBuilder head = new();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            int next = stream.ReadByte();
            if (next < 0) return null;
            head.Append((char)next);
        }

        string[] lines = head.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        string[] words = lines[0].Split(' ');
        return new WebRequest(words[0], words[1], lines.Skip(1).Select(line => line.Split(": ", 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.OrdinalIgnoreCase));
    }

    private static void Send(NetworkStream stream, WebRequest request, WebResponse response)
    {
        StringBuilder head = new StringBuilder().Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {response.Status} Answer\r\nConnection: close\r\n");
        foreach ((string name, string value) in response.Headers) head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        if (!response.Headers.Any(header => header.Name == "Content-Length")) head.Append(CultureInfo.InvariantCulture, $"Content-Length: {response.Body.Length}\r\n");
        stream.Write(Encoding.Latin1.GetBytes(head.Append("\r\n").ToString()));
        response.Hold?.WaitOne();
        if (request.Method != "HEAD") stream.Write(response.Body, 0, Math.Min(response.BreakAfter, response.Body.Length));
    }
}
