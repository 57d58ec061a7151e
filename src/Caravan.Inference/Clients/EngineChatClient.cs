using System.Runtime.CompilerServices;
using Caravan.Models;
using Caravan.Text;
using Microsoft.Extensions.AI;

namespace Caravan.Inference;

/// <summary>Conversations with an engine in this process, for everything that is written against Microsoft.Extensions.AI.</summary>
internal sealed class EngineChatClient : IChatClient
{
    private readonly EngineLoop loop;
    private readonly ChatEngine chat;
    private readonly string name;
    private readonly GrammarCache grammars = new();

    /// <summary>Runs the engine, which stays the caller's, until it is disposed of.</summary>
    public EngineChatClient(Engine engine)
    {
        Model model = engine.Model;
        name = Path.GetFileName(Path.TrimEndingDirectorySeparator(model.Path));
        chat = new ChatEngine(loop = new EngineLoop(engine), ChatFormat.Of(model.Tokenizer, name));
    }

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken).ConfigureAwait(false);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string id = Guid.NewGuid().ToString("N");
        ChatStream stream = chat.Stream(RequestOf(messages, options));
        await foreach (ChatDelta piece in stream.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            List<AIContent> contents = piece.Text.Length > 0 ? [new TextContent(piece.Text)] : [];
            foreach (IdentifiedCall call in piece.Calls) contents.Add(new FunctionCallContent(call.Id, call.Call.Name, MessageJson.Arguments(call.Call.Arguments)));
            if (contents.Count > 0) yield return Update(id, contents);
        }

        Generation tokens = stream.Tokens;
        UsageDetails usage = new()
        {
            InputTokenCount = tokens.PromptTokens, OutputTokenCount = tokens.Tokens.Count, TotalTokenCount = tokens.PromptTokens + tokens.Tokens.Count, CachedInputTokenCount = tokens.ReusedTokens,
        };
        ChatResponseUpdate last = Update(id, [new UsageContent(usage)]);
        last.FinishReason = stream.HasCalls ? ChatFinishReason.ToolCalls : tokens.FinishReason == FinishReason.Length ? ChatFinishReason.Length : ChatFinishReason.Stop;
        yield return last;
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("caravan", null, name)
        : serviceType == typeof(Engine) ? loop.Engine
        : serviceType.IsInstanceOfType(this) ? this
        : null;

    public void Dispose() => loop.Dispose();

    private ChatResponseUpdate Update(string id, IList<AIContent> contents) =>
        new(ChatRole.Assistant, contents) { ResponseId = id, MessageId = id, ModelId = name, CreatedAt = DateTimeOffset.UtcNow };

    private ChatRequest RequestOf(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        SamplingOptions sampling = new()
        {
            Temperature = options?.Temperature ?? 1, TopP = options?.TopP ?? 1, TopK = options?.TopK ?? 0, Seed = (ulong?)options?.Seed,
            Grammar = options?.ResponseFormat is not ChatResponseFormatJson json ? null : json.Schema is { } schema ? grammars.Get(schema.GetRawText(), () => Grammar.JsonSchema(schema)) : Grammar.JsonObject,
            FrequencyPenalty = options?.FrequencyPenalty ?? 0, PresencePenalty = options?.PresencePenalty ?? 0,
        };
        return new ChatRequest
        {
            Messages = MessageJson.Of(messages, options),
            Tools = MessageJson.Tools(options),
            ToolChoice = options?.ToolMode switch
            {
                NoneChatToolMode => ToolChoice.None,
                RequiredChatToolMode required => new ToolChoice(ToolChoiceKind.Required, required.RequiredFunctionName),
                _ => ToolChoice.Auto,
            },
            ParallelToolCalls = options?.AllowMultipleToolCalls ?? true,
            Text = new TextRequest { Prompt = "", Sampling = sampling, MaxTokens = options?.MaxOutputTokens ?? int.MaxValue, StopStrings = [.. options?.StopSequences ?? []] },
        };
    }
}
