using System.Text.Json.Serialization;

namespace Caravan.Server;

/// <summary>An answer to a conversation.</summary>
internal sealed record ChatCompletion(
    string Id, string Object, long Created, string Model, IReadOnlyList<ChatChoice> Choices, Usage Usage, string SystemFingerprint, Timings Timings);

/// <summary>One of the answers.</summary>
internal sealed record ChatChoice(
    int Index, ChatMessage Message, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] ChatLogProbabilities? Logprobs, string FinishReason);

/// <summary>What the model says.</summary>
internal sealed record ChatMessage(
    string Role,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Content,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Refusal = null,
    IReadOnlyList<CallAnswer>? ToolCalls = null);

/// <summary>A tool that the model wants to be called, or a piece of such a call: then only its first piece has an id, a type and a name.</summary>
internal sealed record CallAnswer(int? Index, string? Id, string? Type, CalledFunction Function);

/// <summary>A tool's name, and its arguments as JSON in a text.</summary>
internal sealed record CalledFunction(string? Name, string? Arguments);

/// <summary>A piece of an answer to a conversation.</summary>
internal sealed record ChatChunk(
    string Id, string Object, long Created, string Model, IReadOnlyList<ChatChunkChoice> Choices, string SystemFingerprint, Usage? Usage = null, Timings? Timings = null);

/// <summary>What came to one of the answers.</summary>
internal sealed record ChatChunkChoice(
    int Index,
    ChatPiece Delta,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] ChatLogProbabilities? Logprobs = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? FinishReason = null);

/// <summary>What came; what is null did not come.</summary>
internal sealed record ChatPiece(string? Role = null, string? Content = null, IReadOnlyList<CallAnswer>? ToolCalls = null);

/// <summary>The tokens of an answer and how probable they were.</summary>
internal sealed record ChatLogProbabilities(
    IReadOnlyList<TokenProbability> Content, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] IReadOnlyList<TokenProbability>? Refusal = null);

/// <summary>A token, ln p of it, its bytes, and what else was probable in its place.</summary>
internal sealed record TokenProbability(string Token, float Logprob, IReadOnlyList<int> Bytes, IReadOnlyList<AlternativeToken> TopLogprobs);

/// <summary>A token that was probable, ln p of it, and its bytes.</summary>
internal sealed record AlternativeToken(string Token, float Logprob, IReadOnlyList<int> Bytes);
