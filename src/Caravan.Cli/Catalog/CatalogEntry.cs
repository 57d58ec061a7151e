using System.Text.Json.Serialization;

namespace Caravan.Cli;

/// <summary>A system of the open-model world, as systems.json describes it. What the survey did not say is null or empty.</summary>
internal sealed record CatalogEntry
{
    /// <summary>A short name to type.</summary>
    public required string Id { get; init; }

    /// <summary>The name as its makers write it.</summary>
    public required string Name { get; init; }

    /// <summary>Such as <c>chat-model</c>, <c>agent</c> or <c>peft-method</c>.</summary>
    public required string Kind { get; init; }

    /// <summary><c>entry</c>, or <c>mentioned</c> where others are described.</summary>
    public required string Role { get; init; }

    /// <summary>What it was made from.</summary>
    public string? Base { get; init; }

    /// <summary>Numbers of parameters, in words.</summary>
    [JsonPropertyName("params")]
    public string? Parameters { get; init; }

    /// <summary>Codes such as <c>en</c>; <c>multi</c> for many.</summary>
    public IReadOnlyList<string> Languages { get; init; } = [];

    /// <summary>Under what it may be used.</summary>
    public string? License { get; init; }

    /// <summary>When it appeared.</summary>
    public string? Date { get; init; }

    /// <summary>Tokens it was pretrained on, in words.</summary>
    [JsonPropertyName("pretrain_tokens")]
    public string? PretrainTokens { get; init; }

    /// <summary>Context length, in words.</summary>
    public string? Context { get; init; }

    /// <summary>What it is for.</summary>
    public string? Domain { get; init; }

    /// <summary>What it is known for.</summary>
    public IReadOnlyList<string> Techniques { get; init; } = [];

    /// <summary>Addresses.</summary>
    public IReadOnlyList<string> Links { get; init; } = [];

    /// <summary>What it is, in a sentence.</summary>
    [JsonPropertyName("summary_en")]
    public required string Summary { get; init; }

    /// <summary>What else is to be known.</summary>
    public string? Notes { get; init; }

    /// <summary>What it is to Caravan; null for what is no model.</summary>
    [JsonIgnore]
    public CatalogModel? Model { get; init; }

    /// <summary>Whether it is a model with weights of its own.</summary>
    public bool IsModel => Kind.EndsWith("-model", StringComparison.Ordinal);
}
