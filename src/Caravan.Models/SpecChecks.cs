namespace Caravan.Models;

/// <summary>Refuses specifications whose parts do not fit each other.</summary>
internal static class SpecChecks
{
    public static void Require(StackSpec spec, string path)
    {
        if (spec.Flaw is { } flaw) throw new CaravanException($"'{path}' {flaw}.");
    }
}
