namespace Caravan.Inference;

/// <summary>Whether a model calls functions.</summary>
internal enum ToolChoiceKind
{
    /// <summary>As it likes.</summary>
    Auto,

    /// <summary>Never.</summary>
    None,

    /// <summary>Always.</summary>
    Required,
}
