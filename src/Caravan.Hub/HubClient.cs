using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Caravan.Hub;

/// <summary>Speaks HTTP with a hub: redirects, the token, and patience.</summary>
internal sealed class HubClient : IDisposable
{
    /// <summary>Attempts without progress before giving up.</summary>
    public const int Attempts = 5;

    private const int MaximumRedirects = 8;

    /// <summary>Far beyond any listing; keeps a hostile server from filling the memory.</summary>
    private const int LargestAnswer = 64 << 20;

    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(2);

    private readonly HttpClient http;
    private volatile bool reached;

    /// <summary>A client of a hub.</summary>
    /// <exception cref="CaravanException">The token cannot be one.</exception>
    public HubClient(HubOptions options)
    {
        Options = options;
        if (options.Token is { } token && !(token.Length > 0 && token.All(each => each is > ' ' and < '\x7F')))
            throw new CaravanException("The token holds characters that no token has (a line end or a blank?); correct HF_TOKEN or the token file.");
        SocketsHttpHandler handler = new() { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(20) };
        http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.UserAgent.ParseAdd("caravan");
    }

    /// <summary>Whom it asks and how.</summary>
    public HubOptions Options { get; }

    /// <summary>What a revision of a repository holds.</summary>
    /// <exception cref="CaravanException">The hub refuses or cannot be reached.</exception>
    public async Task<Repository> ListAsync(RepositoryName name, string revision, CancellationToken cancellation)
    {
        Uri address = Address($"api/models/{name}/revision/{Uri.EscapeDataString(revision)}?blobs=true");
        using Answer answer = await SendAsync(HttpMethod.Get, address, null, cancellation);
        if (!answer.Message.IsSuccessStatusCode) throw await RefusalAsync(answer, name, revision, cancellation);
        return Repository.Read(name, await answer.ReadAsync(LargestAnswer), Options.Endpoint);
    }

    /// <summary>What a file of a commit is.</summary>
    /// <exception cref="CaravanException">The hub refuses, or says nothing that the content could be checked by.</exception>
    public async Task<HubFile> DescribeAsync(Repository repository, string file, CancellationToken cancellation)
    {
        using Answer answer = await SendAsync(HttpMethod.Head, FileAddress(repository, file), null, cancellation);
        HttpResponseMessage message = answer.Message;
        if ((int)message.StatusCode >= 400) throw await RefusalAsync(answer, repository.Name, file, cancellation);
        if (Header(message, "X-Repo-Commit") is { } commit && commit != repository.Commit)
            throw new CaravanException($"{Options.Endpoint} gives '{file}' of another commit ({commit}) than was asked for ({repository.Commit}); run it again.");
        string hash = (Header(message, "X-Linked-Etag") ?? Header(message, "ETag") ?? "").Replace("W/", "", StringComparison.Ordinal).Trim('"').ToLowerInvariant();
        if (!ContentHash.IsOne(hash))
            throw new CaravanException($"{Options.Endpoint} gives no SHA-256 and no git hash for '{file}' of '{repository.Name}', so it could not be checked; use another HF_ENDPOINT.");
        long? size = Header(message, "X-Linked-Size") is { } linked ? (long.TryParse(linked, out long bytes) ? bytes : null) : message.Content.Headers.ContentLength;
        return size is >= 0
            ? new HubFile(file, size.Value, hash)
            : throw new CaravanException($"{Options.Endpoint} does not say how large '{file}' of '{repository.Name}' is; use another HF_ENDPOINT.");
    }

    /// <summary>Begins to read a file's content, a range of it or all.</summary>
    /// <exception cref="CaravanException">The hub refuses.</exception>
    public async Task<Answer> OpenAsync(Repository repository, string file, RangeHeaderValue? range, CancellationToken cancellation)
    {
        Answer answer = await SendAsync(HttpMethod.Get, FileAddress(repository, file), range, cancellation);
        if (answer.Message.IsSuccessStatusCode) return answer;
        using (answer) throw await RefusalAsync(answer, repository.Name, file, cancellation);
    }

    /// <summary>Waits before the next attempt, longer each time.</summary>
    public Task BackOffAsync(int attempt, CancellationToken cancellation) => Options.Wait(TimeSpan.FromSeconds(1 << attempt), cancellation);

    public void Dispose() => http.Dispose();

    private Uri Address(string path) => new(Options.Endpoint.AbsoluteUri.TrimEnd('/') + "/" + path);

    private Uri FileAddress(Repository repository, string file) =>
        Address($"{repository.Name}/resolve/{repository.Commit}/{string.Join('/', file.Split('/').Select(Uri.EscapeDataString))}");

    /// <summary>Sends a request until there is an answer that is no excuse.</summary>
    private async Task<Answer> SendAsync(HttpMethod method, Uri address, RangeHeaderValue? range, CancellationToken cancellation)
    {
        for (int attempt = 0; ; attempt++)
        {
            bool last = attempt == Attempts - 1;
            try
            {
                Answer answer = await FollowAsync(method, address, range, cancellation);
                reached = true;
                if (last || (answer.Message.StatusCode != HttpStatusCode.TooManyRequests && (int)answer.Message.StatusCode < 500)) return answer;
                TimeSpan pause = PauseOf(answer.Message) ?? TimeSpan.FromSeconds(1 << attempt);
                if (pause > LongestWait) return answer;
                answer.Dispose();
                await Options.Wait(pause, cancellation);
            }
            catch (HttpRequestException exception) when (last || !reached)
            {
                throw new CaravanException($"{address.GetLeftPart(UriPartial.Authority)} cannot be reached: {exception.Message}; check the connection, and run it again to go on.", exception);
            }
            catch (HttpRequestException)
            {
                await BackOffAsync(attempt, cancellation);
            }
        }
    }

    private async Task<Answer> FollowAsync(HttpMethod method, Uri address, RangeHeaderValue? range, CancellationToken cancellation)
    {
        Uri first = address;
        for (int hop = 0; hop <= MaximumRedirects; hop++)
        {
            using HttpRequestMessage request = new(method, address);
            request.Headers.Range = range;
            request.Headers.AcceptEncoding.ParseAdd("identity");
            // The token is the hub's business and nobody else's.
            if (Options.Token is { } token && Options.IsEndpoint(address)) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            Answer answer = await Answer.OfAsync(http, request, Options.Silence, cancellation);
            if (Target(answer.Message, address) is not { } target) return answer;
            // What the hub itself says about a file is wanted, not what its storage says.
            if (method == HttpMethod.Head && (Header(answer.Message, "X-Linked-Etag") is not null || !Options.IsEndpoint(target))) return answer;
            answer.Dispose();
            if (target.Scheme != Uri.UriSchemeHttps && (target.Scheme != Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps))
                throw new CaravanException($"{Options.Endpoint} sends on to an address that is not secure ({target.GetLeftPart(UriPartial.Authority)}); nothing was sent there.");
            address = target;
        }

        throw new CaravanException($"{first.GetLeftPart(UriPartial.Path)} sends from one address to the next and never arrives; try again later, or check HF_ENDPOINT.");
    }

    private static Uri? Target(HttpResponseMessage message, Uri address) =>
        (int)message.StatusCode is 301 or 302 or 303 or 307 or 308 && message.Headers.Location is { } location
        && Uri.TryCreate(address, location, out Uri? target) ? target : null;

    private static string? Header(HttpResponseMessage message, string name) =>
        message.Headers.TryGetValues(name, out IEnumerable<string>? values) || message.Content.Headers.TryGetValues(name, out values) ? values.First() : null;

    private static TimeSpan? PauseOf(HttpResponseMessage message) =>
        message.Headers.RetryAfter is not { } after ? null
        : after.Delta ?? (after.Date - DateTimeOffset.UtcNow is { } span && span > TimeSpan.Zero ? span : TimeSpan.Zero);

    private Task<CaravanException> RefusalAsync(Answer answer, RepositoryName name, string what, CancellationToken cancellation) =>
        HubRefusal.OfAsync(answer.Message, name, what, Options, code => NamesAsync(code == "RepoNotFound"
            ? $"api/models?limit=30&search={Uri.EscapeDataString(name.Text.Split('/')[^1])}"
            : $"api/models/{name}/refs", cancellation));

    /// <summary>Names to suggest; none when the hub does not say.</summary>
    private async Task<IReadOnlyList<string>> NamesAsync(string path, CancellationToken cancellation)
    {
        try
        {
            using Answer answer = await FollowAsync(HttpMethod.Get, Address(path), null, cancellation);
            if (!answer.Message.IsSuccessStatusCode) return [];
            using JsonDocument document = JsonDocument.Parse(await answer.ReadAsync(LargestAnswer));
            JsonElement root = document.RootElement;
            return root.ValueKind == JsonValueKind.Array
                ? [.. root.EnumerateArray().Select(model => model.GetProperty("id").GetString()!)]
                : [.. new[] { "branches", "tags" }.SelectMany(kind => root.GetProperty(kind).EnumerateArray()).Select(each => each.GetProperty("name").GetString()!)];
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or CaravanException or JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return [];
        }
    }
}
