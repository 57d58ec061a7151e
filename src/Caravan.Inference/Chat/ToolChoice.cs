namespace Caravan.Inference;

/// <summary>Whether a model calls functions.</summary>
/// <param name="Kind">As it likes, never, or always.</param>
/// <param name="Name">The one function that it has to call; null for any.</param>
internal sealed record ToolChoice(ToolChoiceKind Kind, string? Name = null)
{
    /// <summary>As the model likes.</summary>
    public static ToolChoice Auto { get; } = new(ToolChoiceKind.Auto);

    /// <summary>Never: it does not learn of the functions.</summary>
    public static ToolChoice None { get; } = new(ToolChoiceKind.None);

    /// <summary>One or more, of any.</summary>
    public static ToolChoice Required { get; } = new(ToolChoiceKind.Required);
}
