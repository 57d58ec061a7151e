namespace Caravan.Models;

/// <summary>A function of each element between disk and model, and its inverse.</summary>
/// <param name="FromDisk">What the weight is.</param>
/// <param name="ToDisk">What is stored.</param>
internal sealed record ElementMap(Func<double, double> FromDisk, Func<double, double> ToDisk)
{
    /// <summary>Norms that are stored as their difference from 1.</summary>
    public static ElementMap PlusOne { get; } = new(stored => stored + 1, value => value - 1);

    /// <summary>Logarithms of the size of rates that are stored as the rates, below 0.</summary>
    public static ElementMap LogarithmOfRate { get; } = new(stored => Math.Log(-stored), Rate);

    /// <summary>The rate whose size has a logarithm: −e^logarithm.</summary>
    public static double Rate(double logarithm) => -Math.Exp(logarithm);
}
