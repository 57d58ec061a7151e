using System.Text.Json.Nodes;

namespace Caravan.Server;

/// <summary>Ollama's error object.</summary>
internal sealed record OllamaError(string Error);

/// <summary>A line of an answer of <c>/api/chat</c>, which has a message, or of <c>/api/generate</c>, which has a response. Durations are in nanoseconds and come last.</summary>
internal sealed record OllamaAnswer(string Model, DateTime CreatedAt, bool Done)
{
    public OllamaMessage? Message { get; init; }

    public string? Response { get; init; }

    public string? Thinking { get; init; }

    public string? DoneReason { get; init; }

    public long? TotalDuration { get; init; }

    public long? LoadDuration { get; init; }

    public int? PromptEvalCount { get; init; }

    public long? PromptEvalDuration { get; init; }

    public int? EvalCount { get; init; }

    public long? EvalDuration { get; init; }
}

/// <summary>What the model says.</summary>
internal sealed record OllamaMessage(string Role, string Content, string? Thinking = null, IReadOnlyList<OllamaToolCall>? ToolCalls = null);

/// <summary>A tool that the model wants to be called.</summary>
internal sealed record OllamaToolCall(OllamaToolFunction Function);

/// <summary>A tool's name and its arguments.</summary>
internal sealed record OllamaToolFunction(string Name, JsonNode? Arguments);

/// <summary>The models that are here.</summary>
internal sealed record OllamaModelList(IReadOnlyList<OllamaModel> Models);

/// <summary>A model.</summary>
internal sealed record OllamaModel(string Name, string Model, DateTime ModifiedAt, long Size, string Digest, OllamaDetails Details);

/// <summary>The models that are loaded.</summary>
internal sealed record OllamaRunningList(IReadOnlyList<OllamaRunning> Models);

/// <summary>A model that is loaded.</summary>
internal sealed record OllamaRunning(string Name, string Model, long Size, string Digest, OllamaDetails Details, DateTime ExpiresAt, long SizeVram, int? ContextLength);

/// <summary>What a model is.</summary>
internal sealed record OllamaDetails(string ParentModel, string Format, string Family, IReadOnlyList<string> Families, string ParameterSize, string QuantizationLevel);

/// <summary>All about a model.</summary>
internal sealed record OllamaModelPage(
    string Modelfile, string Parameters, string Template, OllamaDetails Details, JsonObject ModelInfo, IReadOnlyList<string> Capabilities, DateTime ModifiedAt);

/// <summary>Vectors of texts.</summary>
internal sealed record OllamaEmbeddings(string Model, IReadOnlyList<float[]> Embeddings, long TotalDuration, long LoadDuration, int PromptEvalCount);

/// <summary>The vector of a text, as older clients ask for it.</summary>
internal sealed record OllamaEmbedding(float[] Embedding);

/// <summary>The server's version.</summary>
internal sealed record OllamaVersion(string Version);
