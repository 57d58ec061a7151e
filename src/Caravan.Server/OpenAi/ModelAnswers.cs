using System.Text.Json.Serialization;

namespace Caravan.Server;

/// <summary>The models that are here.</summary>
internal sealed record ModelList(string Object, IReadOnlyList<ModelObject> Data);

/// <summary>A model.</summary>
internal sealed record ModelObject(string Id, string Object, long Created, string OwnedBy, [property: JsonPropertyName("caravan")] ModelFacts Facts)
{
    /// <summary>The model that an adapter belongs to; null for a model.</summary>
    public string? Parent { get; init; }
}

/// <summary>What is known of a model: before it was loaded for the first time, only the size of its files.</summary>
internal sealed record ModelFacts
{
    public string? Family { get; init; }

    /// <summary><c>decoder</c>, <c>encoder</c>, <c>encoder-decoder</c> or <c>vision-language</c>.</summary>
    public string? Architecture { get; init; }

    public long? Parameters { get; init; }

    public required long FileBytes { get; init; }

    /// <summary>The type that most bytes of its weights have.</summary>
    public string? Quantization { get; init; }

    /// <summary>Bytes of each type.</summary>
    public Dictionary<string, long>? Types { get; init; }

    /// <summary>Most tokens of a text here.</summary>
    public int? ContextLength { get; init; }

    public int? TrainedContextLength { get; init; }

    public int? VocabularySize { get; init; }

    public int? Layers { get; init; }

    public int? HiddenSize { get; init; }

    /// <summary>The name of its chat template.</summary>
    public string? Template { get; init; }

    public bool Loaded { get; init; }

    public ModelMemory? Memory { get; init; }

    public ModelAbilities? Supports { get; init; }
}

/// <summary>Bytes of memory that a loaded model takes.</summary>
internal sealed record ModelMemory(long Weights, long Pages, long States);

/// <summary>What a model can be asked for.</summary>
internal sealed record ModelAbilities(bool Chat, bool Completions, bool Embeddings, bool Images, bool Tools, bool FillInTheMiddle);

/// <summary>How the server is doing.</summary>
internal sealed record ServerStatus(IReadOnlyList<ModelStatus> Models, double UptimeS);

/// <summary>How busy a loaded model is.</summary>
internal sealed record ModelStatus(
    string Id, int Running, int Waiting, int PagesUsed, int PagesTotal, int CachedPages, int BatchTokens, double TokensPerSecond, long Preemptions);

/// <summary>Whether the server is there.</summary>
internal sealed record Health(string Status, string? Message = null);
