using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Caravan.Testing;

/// <summary>A stand-in for a Hugging Face hub with one repository, and for the storage on another host that it keeps large files in.</summary>
public sealed class StandInHub : IDisposable
{
    /// <summary>The commit of its branch <c>main</c>.</summary>
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private readonly string name;
    private readonly WebServer hub;
    private readonly WebServer storage;
    private readonly SortedDictionary<string, (byte[] Content, bool Large)> files = new(StringComparer.Ordinal);

    /// <summary>Starts a hub with an empty repository.</summary>
    public StandInHub(string name)
    {
        this.name = name;
        hub = new WebServer(request => Instead?.Invoke(request) ?? Answer(request));
        storage = new WebServer(request => InsteadOfStorage?.Invoke(request) ?? AnswerStorage(request));
    }

    /// <summary>What HF_ENDPOINT holds.</summary>
    public string Address => hub.Address;

    /// <summary>The server that names come from.</summary>
    public WebServer Hub => hub;

    /// <summary>The server that large files come from.</summary>
    public WebServer Storage => storage;

    /// <summary>Answers what the hub should answer otherwise; null means as usual.</summary>
    public Func<WebRequest, WebResponse?>? Instead { get; set; }

    /// <summary>The same for the storage.</summary>
    public Func<WebRequest, WebResponse?>? InsteadOfStorage { get; set; }

    /// <summary>Adds a file that git holds.</summary>
    public StandInHub With(string path, string content)
    {
        files[path] = (Encoding.UTF8.GetBytes(content), false);
        return this;
    }

    /// <summary>Adds a file of the large-file storage.</summary>
    public StandInHub WithLarge(string path, byte[] content)
    {
        files[path] = (content, true);
        return this;
    }

    /// <summary>The name that the cache has for a file's content.</summary>
    public string HashOf(string path)
    {
        (byte[] content, bool large) = files[path];
        if (large) return Convert.ToHexStringLower(SHA256.HashData(content));
#pragma warning disable CA5350 // git's own hash
        return Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {content.Length}\0")), .. content]));
#pragma warning restore CA5350
    }

    /// <summary>Stops both servers.</summary>
    public void Dispose()
    {
        hub.Dispose();
        storage.Dispose();
    }

    /// <summary>A content, or the range of it that was asked for.</summary>
    public static WebResponse Content(byte[] content, WebRequest request)
    {
        if (request.Header("Range") is not { } range) return new WebResponse(200) { Body = content, Headers = [("Accept-Ranges", "bytes")] };
        string[] ends = range["bytes=".Length..].Split('-');
        (int from, int to) = (int.Parse(ends[0], CultureInfo.InvariantCulture), int.Parse(ends[1], CultureInfo.InvariantCulture));
        return new WebResponse(206) { Body = content[from..(to + 1)], Headers = [("Content-Range", $"bytes {from}-{to}/{content.Length}")] };
    }

    private WebResponse Answer(WebRequest request)
    {
        string path = Uri.UnescapeDataString(request.Path);
        if (path.StartsWith("/api/models?", StringComparison.Ordinal)) return WebResponse.Json($"[{{\"id\": \"{name}\"}}]");
        if (path == $"/api/models/{name}/refs") return WebResponse.Json("""{"branches": [{"name": "main"}, {"name": "float16"}], "tags": []}""");
        if (path.StartsWith($"/api/models/{name}/revision/", StringComparison.Ordinal))
            return path.Split('/', '?')[^2] is "main" or Commit ? Listing() : WebResponse.Refusal(404, "RevisionNotFound");
        string start = $"/{name}/resolve/{Commit}/";
        if (!path.StartsWith(start, StringComparison.Ordinal)) return WebResponse.Refusal(401, "RepoNotFound");
        string file = path[start.Length..];
        if (!files.TryGetValue(file, out (byte[] Content, bool Large) found)) return WebResponse.Refusal(404, "EntryNotFound");
        (string, string) commit = ("X-Repo-Commit", Commit);
        if (!found.Large)
        {
            WebResponse content = Content(found.Content, request);
            return content with { Headers = [.. content.Headers, commit, ("ETag", $"\"{HashOf(file)}\"")] };
        }

        return WebResponse.Redirect(
            $"{storage.Address}/{file}", commit, ("X-Linked-Size", $"{found.Content.Length}"), ("X-Linked-Etag", $"\"{HashOf(file)}\""));
    }

    private WebResponse AnswerStorage(WebRequest request) => Content(files[Uri.UnescapeDataString(request.Path[1..])].Content, request);

    private WebResponse Listing() => WebResponse.Json(JsonSerializer.Serialize(new
    {
        id = name,
        sha = Commit,
        siblings = files.Select(file => new { rfilename = file.Key, size = file.Value.Content.Length }),
    }));
}
