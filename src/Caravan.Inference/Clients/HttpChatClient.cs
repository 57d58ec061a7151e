using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Caravan.Inference;

/// <summary>Conversations with a server that speaks OpenAI's HTTP, <c>caravan serve</c> or another, for everything that is written against Microsoft.Extensions.AI.</summary>
public sealed class HttpChatClient : IChatClient
{
    private readonly OpenAiHttp http;

    /// <summary>A client of one model of a server.</summary>
    /// <param name="address">Up to and with <c>/v1</c>.</param>
    /// <param name="model">The model's name there.</param>
    /// <param name="apiKey">The key; null where none is asked for.</param>
    /// <param name="client">What sends; null for one of its own. Stays the caller's.</param>
    public HttpChatClient(Uri address, string model, string? apiKey = null, HttpClient? client = null) => http = new OpenAiHttp(address, model, apiKey, client);

    /// <inheritdoc/>
    /// <exception cref="CaravanException">The server cannot be reached, or refuses; the sentence is the server's.</exception>
    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    /// <exception cref="CaravanException">The server cannot be reached, or refuses; the sentence is the server's.</exception>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using HttpResponseMessage response = await http.PostAsync("chat/completions", Body(messages, options), cancellationToken).ConfigureAwait(false);
        using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        SortedDictionary<int, PartialCall> calls = [];
        await foreach (SseItem<string> item in SseParser.Create(body).EnumerateAsync(cancellationToken).ConfigureAwait(false))
        {
            if (item.Data == "[DONE]") break;
            JsonNode chunk = OpenAiHttp.Parse(item.Data);
            OpenAiHttp.RequireNoError(chunk);
            if (Read(chunk, calls) is { } update) yield return update;
        }
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("openai", http.Address, http.Model)
        : serviceType.IsInstanceOfType(this) ? this
        : null;

    /// <summary>Ends the client's own connections.</summary>
    public void Dispose() => http.Dispose();

    private JsonObject Body(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        JsonObject body = new()
        {
            ["model"] = options?.ModelId ?? http.Model, ["messages"] = MessageJson.Of(messages, options), ["stream"] = true, ["stream_options"] = new JsonObject { ["include_usage"] = true },
        };
        Set(body, "temperature", options?.Temperature);
        Set(body, "top_p", options?.TopP);
        Set(body, "top_k", options?.TopK);
        Set(body, "max_completion_tokens", options?.MaxOutputTokens);
        Set(body, "seed", options?.Seed);
        Set(body, "frequency_penalty", options?.FrequencyPenalty);
        Set(body, "presence_penalty", options?.PresencePenalty);
        if (options?.StopSequences is { Count: > 0 } stops) body["stop"] = new JsonArray([.. stops.Select(stop => JsonValue.Create(stop))]);
        if (options?.ResponseFormat is ChatResponseFormatJson json) body["response_format"] = Format(json);
        if (MessageJson.Tools(options) is not { } tools) return body;
        body["tools"] = tools;
        Set(body, "parallel_tool_calls", options!.AllowMultipleToolCalls);
        body["tool_choice"] = options.ToolMode switch
        {
            NoneChatToolMode => "none",
            RequiredChatToolMode { RequiredFunctionName: { } name } => new JsonObject { ["type"] = "function", ["function"] = new JsonObject { ["name"] = name } },
            RequiredChatToolMode => "required",
            _ => "auto",
        };
        return body;
    }

    private static JsonObject Format(ChatResponseFormatJson json) => json.Schema is not { } schema
        ? new JsonObject { ["type"] = "json_object" }
        : new JsonObject { ["type"] = "json_schema", ["json_schema"] = new JsonObject { ["name"] = json.SchemaName ?? "answer", ["strict"] = true, ["schema"] = JsonNode.Parse(schema.GetRawText()) } };

    private static void Set<T>(JsonObject body, string name, T? value)
        where T : struct
    {
        if (value is { } given) body[name] = JsonSerializer.SerializeToNode(given);
    }

    /// <summary>One chunk. Calls may come in pieces and are given out when the answer ends.</summary>
    private static ChatResponseUpdate? Read(JsonNode chunk, SortedDictionary<int, PartialCall> calls)
    {
        List<AIContent> contents = [];
        JsonObject? choice = (chunk["choices"] as JsonArray)?.FirstOrDefault() as JsonObject;
        JsonObject? delta = choice?["delta"] as JsonObject;
        if (delta?["content"]?.ToString() is { Length: > 0 } text) contents.Add(new TextContent(text));
        foreach (JsonNode? call in delta?["tool_calls"] as JsonArray ?? []) PartialCall.Add(calls, call);
        string? ended = choice?["finish_reason"]?.ToString();
        if (ended is not null)
        {
            foreach (PartialCall call in calls.Values) contents.Add(new FunctionCallContent(call.Id, call.Name, MessageJson.Arguments(call.Arguments.Length == 0 ? "{}" : call.Arguments)));
            calls.Clear();
        }

        if (chunk["usage"] is JsonObject usage)
        {
            contents.Add(new UsageContent(new UsageDetails
            {
                InputTokenCount = (long?)usage["prompt_tokens"], OutputTokenCount = (long?)usage["completion_tokens"], TotalTokenCount = (long?)usage["total_tokens"],
                CachedInputTokenCount = (long?)(usage["prompt_tokens_details"] as JsonObject)?["cached_tokens"],
            }));
        }

        if (contents.Count == 0 && ended is null) return null;
        string? id = chunk["id"]?.ToString();
        return new ChatResponseUpdate(ChatRole.Assistant, contents)
        {
            ResponseId = id, MessageId = id, ModelId = chunk["model"]?.ToString(), FinishReason = ended is null ? null : new ChatFinishReason(ended),
        };
    }

    private sealed class PartialCall
    {
        public string Id { get; private set; } = "";

        public string Name { get; private set; } = "";

        public string Arguments { get; private set; } = "";

        public static void Add(SortedDictionary<int, PartialCall> calls, JsonNode? piece)
        {
            int index = (int?)piece?["index"] ?? calls.Count;
            if (!calls.TryGetValue(index, out PartialCall? call)) calls[index] = call = new PartialCall();
            call.Id += piece?["id"]?.ToString();
            call.Name += piece?["function"]?["name"]?.ToString();
            call.Arguments += piece?["function"]?["arguments"]?.ToString();
        }
    }
}
