namespace Caravan.Models;

/// <summary>What an attention layer projects its input to.</summary>
internal enum AttentionPart
{
    /// <summary>Queries.</summary>
    Query,

    /// <summary>Keys.</summary>
    Key,

    /// <summary>Values.</summary>
    Value,
}
