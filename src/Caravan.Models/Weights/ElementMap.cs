namespace Caravan.Models;

/// <summary>A function of each element between disk and model, and its inverse.</summary>
/// <param name="FromDisk">What the model computes with.</param>
/// <param name="ToDisk">What is stored.</param>
internal sealed record ElementMap(Func<float, float> FromDisk, Func<float, float> ToDisk)
{
    /// <summary>Norms that are stored as their difference from 1.</summary>
    public static ElementMap PlusOne { get; } = new(stored => stored + 1, value => value - 1);

    /// <summary>Rates of decay that are stored as the logarithm of their size.</summary>
    public static ElementMap NegativeExponential { get; } = new(stored => (float)-Math.Exp(stored), value => (float)Math.Log(-value));
}
