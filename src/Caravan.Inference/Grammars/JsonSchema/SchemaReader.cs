using System.Text.Json;

namespace Caravan.Inference;

/// <summary>Turns a JSON schema into an expression. Each set of schemas that must hold together becomes a rule, so schemas may hold themselves.</summary>
internal sealed class SchemaReader
{
    private const int MostDepth = 100, MostRules = 5000;

    private static readonly string[] AllTypes = ["object", "array", "string", "number", "integer", "boolean", "null"];

    private readonly SchemaPart root;
    private readonly Dictionary<string, GrammarNode.Rule> rules = new(StringComparer.Ordinal);
    private int depth;

    private SchemaReader(JsonElement schema) => root = new SchemaPart(schema, "#");

    /// <summary>The values that satisfy a schema.</summary>
    /// <exception cref="CaravanException">A keyword is malformed or cannot be enforced.</exception>
    public static GrammarNode Read(JsonElement schema)
    {
        SchemaReader reader = new(schema);
        try
        {
            return reader.Node([reader.root]);
        }
        catch (InvalidOperationException problem)
        {
            // What System.Text.Json has to say of "\ud800" when its text is asked for.
            throw new CaravanException("The JSON schema has a text with half a character (an unpaired surrogate).", problem);
        }
    }

    /// <summary>The values that satisfy all of some schemas; any value for none.</summary>
    public GrammarNode Node(IEnumerable<SchemaPart> schemas) => Node(new SchemaConjunction(root, schemas));

    private GrammarNode Node(SchemaConjunction schemas)
    {
        if (schemas.IsNever) return GrammarNode.Never;
        if (schemas.Leaves.Count == 0 && schemas.Groups.Count == 0) return JsonNodes.Value;
        string key = schemas.Key;
        if (rules.TryGetValue(key, out GrammarNode.Rule? rule)) return rule;
        SchemaPart first = schemas.Leaves.Count > 0 ? schemas.Leaves[0] : schemas.Groups[0].List;
        if (rules.Count == MostRules) throw first.Fail($"the schema has more than {MostRules} parts");
        if (++depth > MostDepth) throw first.Fail($"schemas are nested deeper than {MostDepth}");
        rules.Add(key, rule = new GrammarNode.Rule(first.Path));
        rule.Body = schemas.Groups.Count > 0 ? OneOf(schemas) : Value(schemas.Leaves);
        depth--;
        return rule;
    }

    private GrammarNode OneOf(SchemaConjunction schemas)
    {
        SchemaConjunction.Group group = schemas.Groups[0];
        List<SchemaPart> options = group.List.Items();
        if (group.IsExclusive) RequireDistinct(options, group.List);
        return GrammarNode.Any([.. options.Select(option => Node(schemas.Choosing(option)))]);
    }

    private void RequireDistinct(List<SchemaPart> options, SchemaPart place)
    {
        if (options.Count > 200) throw place.Fail("a 'oneOf' of more than 200 schemas");
        SchemaConjunction[] read = [.. options.Select(option => new SchemaConjunction(root, [option]))];
        for (int i = 0; i < read.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                if (!SchemaOverlap.AreDisjoint(root, read[i], read[j]))
                    throw place.Fail($"its schemas {j} and {i} may hold for the same value, which 'oneOf' forbids and cannot be enforced; use 'anyOf', or tell them apart by type or a constant property");
            }
        }
    }

    private GrammarNode Value(IReadOnlyList<SchemaPart> schemas)
    {
        IReadOnlyList<string>? stated = TypesOf(schemas);
        if (SchemaValues.Listed(schemas) is { } values)
            return GrammarNode.Any([.. values.Where(value => stated is null || IsOneOf(value, stated)).Select(value => Constant(value, schemas))]);
        IReadOnlyList<string> types = stated ?? [.. schemas.SelectMany(SchemaKeywords.Implied).Distinct()];
        if (stated is null && types.Count == 0) return JsonNodes.Value;
        return GrammarNode.Any([.. types.Select(type => Typed(type, schemas))]);
    }

    private GrammarNode Typed(string type, IReadOnlyList<SchemaPart> schemas) => type switch
    {
        "object" => ObjectSchema.Node(this, schemas),
        "array" => ArraySchema.Node(this, schemas),
        "string" => StringSchema.Node(schemas),
        "boolean" => JsonNodes.Boolean,
        "null" => JsonNodes.Null,
        _ => NumberSchema.Node(schemas, isInteger: type == "integer"),
    };

    /// <summary>The types that all of some schemas allow, in the order of the first; null where none says anything of types.</summary>
    public static IReadOnlyList<string>? TypesOf(IReadOnlyList<SchemaPart> schemas)
    {
        List<string>? types = null;
        foreach (SchemaPart schema in schemas)
        {
            if (schema.Find("type") is not { } part) continue;
            List<SchemaPart> names = part.Element.ValueKind == JsonValueKind.Array ? part.Items() : [part];
            foreach (SchemaPart name in names)
                if (!AllTypes.Contains(name.Text())) throw name.Fail($"the type '{name.Text()}' is not known; known are {string.Join(", ", AllTypes)}");
            List<string> allowed = [.. names.Select(name => name.Text()).Distinct()];
            if (schema.Find("nullable") is { } nullable && nullable.Boolean() && !allowed.Contains("null")) allowed.Add("null");
            types = types is null ? allowed : [.. types.Select(type => Common(type, allowed)).OfType<string>().Distinct()];
        }

        return types;
    }

    private static string? Common(string type, List<string> allowed) =>
        allowed.Contains(type) ? type : (type == "number" && allowed.Contains("integer")) || (type == "integer" && allowed.Contains("number")) ? "integer" : null;

    private static bool IsOneOf(SchemaPart value, IReadOnlyList<string> types) =>
        types.Contains(SchemaValues.TypeOf(value.Element)) || (types.Contains("number") && SchemaValues.TypeOf(value.Element) == "integer");

    /// <summary>A value that is listed; that conditions hold for it is not looked into, so there must be none.</summary>
    private static GrammarNode Constant(SchemaPart value, IReadOnlyList<SchemaPart> schemas)
    {
        foreach (SchemaPart schema in schemas)
            foreach (SchemaPart condition in SchemaKeywords.About(schema, SchemaValues.TypeOf(value.Element)))
                throw condition.Fail($"a condition on values that are listed (at '{value.Path}') cannot be enforced; list only those for which it holds");
        return JsonNodes.Constant(value.Element);
    }
}
