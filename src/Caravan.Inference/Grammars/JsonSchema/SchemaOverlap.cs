using System.Text.Json;

namespace Caravan.Inference;

/// <summary>Tells schemas apart that no value satisfies both of.</summary>
internal static class SchemaOverlap
{
    /// <summary>Whether it is certain that no value satisfies both: by type, by listed values, or by a property that both require.</summary>
    public static bool AreDisjoint(SchemaPart root, SchemaConjunction one, SchemaConjunction other)
    {
        if (one.IsNever || other.IsNever) return true;
        if (one.Groups.Count > 0) return one.Groups[0].List.Items().TrueForAll(option => AreDisjoint(root, one.Choosing(option), other));
        if (other.Groups.Count > 0) return AreDisjoint(root, other, one);
        (List<SchemaPart>? values, List<SchemaPart>? otherValues) = (SchemaValues.Listed(one.Leaves), SchemaValues.Listed(other.Leaves));
        if (values is not null && otherValues is not null)
            return !values.Exists(value => otherValues.Exists(listed => JsonElement.DeepEquals(value.Element, listed.Element)));
        IReadOnlyList<string>? types = Types(one.Leaves, values), otherTypes = Types(other.Leaves, otherValues);
        if (types is null || otherTypes is null) return false;
        if (!types.Intersect(otherTypes).Any()) return true;
        if (types.Intersect(otherTypes).Any(type => type != "object")) return false;
        return Required(one.Leaves).Intersect(Required(other.Leaves)).Any(name =>
            AreDisjoint(root, Property(root, one.Leaves, name), Property(root, other.Leaves, name)));
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
