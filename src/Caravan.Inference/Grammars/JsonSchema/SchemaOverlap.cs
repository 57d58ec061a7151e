using System.Text.Json;

namespace Caravan.Inference;

/// <summary>Tells schemas apart that no value satisfies both of.</summary>
internal static class SchemaOverlap
{
    /// <summary>After so many comparisons of parts nothing is certain any more.</summary>
    private const int MostComparisons = 2000;

    /// <summary>Whether it is certain that no value satisfies both: by type, by listed values, or by a property that both require.</summary>
    public static bool AreDisjoint(SchemaPart root, SchemaConjunction one, SchemaConjunction other)
    {
        int comparisons = MostComparisons;
        return AreDisjoint(root, one, other, ref comparisons);
    }

    private static bool AreDisjoint(SchemaPart root, SchemaConjunction one, SchemaConjunction other, ref int comparisons)
    {
        if (comparisons-- <= 0) return false;
        if (one.IsNever || other.IsNever) return true;
        if (one.Groups.Count > 0)
        {
            foreach (SchemaPart option in one.Groups[0].List.Items())
                if (!AreDisjoint(root, one.Choosing(option), other, ref comparisons)) return false;
            return true;
        }

        if (other.Groups.Count > 0) return AreDisjoint(root, other, one, ref comparisons);
        (List<SchemaPart>? values, List<SchemaPart>? otherValues) = (SchemaValues.Listed(one.Leaves), SchemaValues.Listed(other.Leaves));
        if (values is not null && otherValues is not null)
            return !values.Exists(value => otherValues.Exists(listed => JsonElement.DeepEquals(value.Element, listed.Element)));
        IReadOnlyList<string>? types = Types(one.Leaves, values), otherTypes = Types(other.Leaves, otherValues);
        if (types is null || otherTypes is null) return false;
        if (!types.Intersect(otherTypes).Any()) return true;
        if (types.Intersect(otherTypes).Any(type => type != "object")) return false;
        foreach (string name in Required(one.Leaves).Intersect(Required(other.Leaves)))
            if (AreDisjoint(root, Property(root, one.Leaves, name), Property(root, other.Leaves, name), ref comparisons)) return true;
        return false;
    }

    private static SchemaConjunction Property(SchemaPart root, List<SchemaPart> schemas, string name) =>
        new(root, schemas.Select(schema => schema.Find("properties")?.Find(name)).OfType<SchemaPart>());

    private static IEnumerable<string> Required(List<SchemaPart> schemas) =>
        schemas.Select(schema => schema.Find("required")).OfType<SchemaPart>().Where(list => list.Element.ValueKind == JsonValueKind.Array && list.Element.GetArrayLength() > 0)
            .SelectMany(list => list.Items()).Select(name => name.Text()).Distinct();

    /// <summary>The types, where a number may also be an integer.</summary>
    private static List<string>? Types(List<SchemaPart> schemas, List<SchemaPart>? values)
    {
        IEnumerable<string>? types = values?.Select(value => SchemaValues.TypeOf(value.Element)) ?? SchemaReader.TypesOf(schemas);
        return types?.SelectMany(type => type == "number" ? (IEnumerable<string>)["number", "integer"] : [type]).Distinct().ToList();
    }
}
