using Caravan.Tensors;

namespace Caravan.Models;

/// <summary>The angles of a batch, by the number of their table.</summary>
/// <param name="Queries">For queries.</param>
/// <param name="Keys">For keys, which differ where products decay.</param>
internal readonly record struct BatchAngles(RotaryAngles[] Queries, RotaryAngles[] Keys)
{
    /// <summary>Those of queries.</summary>
    public RotaryAngles this[int table] => Queries[table];

    /// <summary>Those of keys.</summary>
    public RotaryAngles OfKeys(int table) => Keys[table];
}
