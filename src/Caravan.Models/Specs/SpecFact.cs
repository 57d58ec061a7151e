namespace Caravan.Models;

/// <summary>Something worth telling about a part of a model, for people and for programs.</summary>
/// <param name="Name">What it is about, such as "attention".</param>
/// <param name="Words">What is to be said.</param>
/// <param name="Fields">
/// The same as keys and values; a dot in a key makes an object. Values are int, double, bool, string, or null for what is not there.
/// </param>
internal sealed record SpecFact(string Name, string Words, params IReadOnlyList<(string Key, object? Value)> Fields);
