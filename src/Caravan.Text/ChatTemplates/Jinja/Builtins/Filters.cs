using System.Collections.Frozen;

namespace Caravan.Text.Jinja;

/// <summary>What may stand behind <c>|</c>.</summary>
internal static class Filters
{
    private static readonly FrozenDictionary<string, Builtin> ByName =
        TextFilters.Table().Concat(NumberFilters.Table()).Concat(SequenceFilters.Table()).Concat(PickingFilters.Table())
            .SelectMany(row => row.Name.Split(' ').Select(name => row with { Name = name })).ToFrozenDictionary(row => row.Name, StringComparer.Ordinal);

    /// <summary>The filter of that name.</summary>
    /// <exception cref="CaravanException">There is none.</exception>
    public static Builtin Named(string name, Budget budget) => ByName.GetValueOrDefault(name)
        ?? throw budget.Fail($"uses the filter '{name}', which there is not");

    /// <summary>Whether there is a filter of that name.</summary>
    public static bool Exists(string name) => ByName.ContainsKey(name);
}
