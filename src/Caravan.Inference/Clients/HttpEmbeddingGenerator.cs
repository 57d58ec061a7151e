using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Caravan.Inference;

/// <summary>Embeddings from a server that speaks OpenAI's HTTP, for everything that is written against Microsoft.Extensions.AI.</summary>
public sealed class HttpEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly OpenAiHttp http;

    /// <summary>A client of one model of a server.</summary>
    /// <param name="address">Up to and with <c>/v1</c>.</param>
    /// <param name="model">The model's name there.</param>
    /// <param name="apiKey">The key; null where none is asked for.</param>
    /// <param name="client">What sends; null for one of its own. Stays the caller's.</param>
    public HttpEmbeddingGenerator(Uri address, string model, string? apiKey = null, HttpClient? client = null) => http = new OpenAiHttp(address, model, apiKey, client);

    /// <inheritdoc/>
    /// <exception cref="CaravanException">The server cannot be reached, or refuses; the sentence is the server's.</exception>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        JsonObject body = new() { ["model"] = options?.ModelId ?? http.Model, ["input"] = new JsonArray([.. values.Select(value => JsonValue.Create(value))]) };
        if (options?.Dimensions is { } dimensions) body["dimensions"] = dimensions;
        using HttpResponseMessage response = await http.PostAsync("embeddings", body, cancellationToken).ConfigureAwait(false);
        JsonNode answer = OpenAiHttp.Parse(await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false));
        IEnumerable<JsonNode> data = (answer["data"] as JsonArray ?? []).OfType<JsonNode>().OrderBy(item => (int?)item["index"] ?? 0);
        GeneratedEmbeddings<Embedding<float>> embeddings = [.. data.Select(item => new Embedding<float>(((JsonArray)item["embedding"]!).Select(value => (float)value!).ToArray()))];
        if ((long?)answer["usage"]?["prompt_tokens"] is { } tokens) embeddings.Usage = new UsageDetails { InputTokenCount = tokens, TotalTokenCount = tokens };
        return embeddings;
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(EmbeddingGeneratorMetadata) ? new EmbeddingGeneratorMetadata("openai", http.Address, http.Model)
        : serviceType.IsInstanceOfType(this) ? this
        : null;

    /// <summary>Ends the client's own connections.</summary>
    public void Dispose() => http.Dispose();
}
