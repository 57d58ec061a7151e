using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Caravan.Inference;

/// <summary>Requests to a server that speaks OpenAI's HTTP.</summary>
internal sealed class OpenAiHttp(Uri address, string model, string? apiKey, HttpClient? given) : IDisposable
{
    private readonly HttpClient client = given ?? new HttpClient { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>Up to and with <c>/v1</c>.</summary>
    public Uri Address => address;

    /// <summary>The model's name there.</summary>
    public string Model => model;

    /// <summary>What a text of JSON says.</summary>
    /// <exception cref="CaravanException">It is not JSON.</exception>
    public static JsonNode Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text) ?? new JsonObject();
        }
        catch (JsonException exception)
        {
            throw new CaravanException($"The server's answer is not JSON: {exception.Message}", exception);
        }
    }

    /// <summary>Refuses an answer that is an error.</summary>
    /// <exception cref="CaravanException">It is one; the sentence is the server's.</exception>
    public static void RequireNoError(JsonNode answer)
    {
        if ((answer as JsonObject)?["error"] is { } error) throw new CaravanException($"The server refused: {(error as JsonObject)?["message"]?.ToString() ?? error.ToJsonString()}");
    }

    /// <summary>Sends a body; the answer's headers have come when it returns.</summary>
    /// <exception cref="CaravanException">The server cannot be reached, or refuses; the sentence is the server's.</exception>
    public async Task<HttpResponseMessage> PostAsync(string path, JsonObject body, CancellationToken cancellation)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri(address.AbsoluteUri.TrimEnd('/') + "/" + path))
        {
            Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"),
        };
        if (apiKey is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
        HttpResponseMessage response;
        try
        {
            response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
        }
        catch (HttpRequestException exception)
        {
            throw new CaravanException($"The server at {address} cannot be reached: {exception.Message}", exception);
        }

        if (response.IsSuccessStatusCode) return response;
        using (response)
        {
            string text = await response.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false);
            if (response.Content.Headers.ContentType?.MediaType == "application/json") RequireNoError(Parse(text));
            throw new CaravanException($"The server at {address} answered {(int)response.StatusCode} {response.ReasonPhrase}.");
        }
    }

    public void Dispose()
    {
        if (given is null) client.Dispose();
    }
}
