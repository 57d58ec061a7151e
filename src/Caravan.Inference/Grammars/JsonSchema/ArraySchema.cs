using System.Text.Json;

namespace Caravan.Inference;

/// <summary>Arrays by their items and how many there are.</summary>
internal static class ArraySchema
{
    private const int MostPlaces = 200;

    /// <summary>The arrays that satisfy all of some schemas.</summary>
    public static GrammarNode Node(SchemaReader reader, IReadOnlyList<SchemaPart> schemas)
    {
        (int least, int most, int places) = (0, GrammarNode.Repeat.Unbounded, 0);
        foreach (SchemaPart schema in schemas)
        {
            if (schema.Find("minItems") is { } minimum) least = Math.Max(least, minimum.Count());
            if (schema.Find("maxItems") is { } maximum) most = Math.Min(most, maximum.Count());
            if (schema.Find("uniqueItems") is { } unique && unique.Boolean()) throw unique.Fail("the keyword 'uniqueItems' cannot be enforced; leave it out");
            places = Math.Max(places, Places(schema).Count);
        }

        if (least > most) throw schemas[0].Fail($"the least number of items {least} is above the greatest {most}");
        if (places > MostPlaces) throw schemas[0].Fail($"items with schemas of their own are {places}; at most {MostPlaces} are possible");
        GrammarNode rest = reader.Node(schemas.Select(Rest).OfType<SchemaPart>());
        places = Math.Max(places, 1);
        GrammarNode tail = most <= places
            ? GrammarNode.Empty
            : new GrammarNode.Repeat(
                GrammarNode.Of(JsonNodes.Comma, rest), Math.Max(0, least - places), most == GrammarNode.Repeat.Unbounded ? most : most - places);
        for (int i = Math.Min(places, most) - 1; i >= 0; i--)
        {
            GrammarNode item = reader.Node(schemas.Select(schema => ItemAt(schema, i)).OfType<SchemaPart>());
            GrammarNode more = i == 0 ? GrammarNode.Of(item, tail) : GrammarNode.Of(JsonNodes.Comma, item, tail);
            tail = i >= least ? GrammarNode.Optional(more) : more;
        }

        return JsonNodes.Enclosed("[", tail, "]");
    }

    private static SchemaPart? ItemAt(SchemaPart schema, int index)
    {
        List<SchemaPart> places = Places(schema);
        return index < places.Count ? places[index] : Rest(schema);
    }

    /// <summary>The schemas of the first items: <c>prefixItems</c>, or an array of <c>items</c> (draft 7).</summary>
    private static List<SchemaPart> Places(SchemaPart schema) =>
        schema.Find("prefixItems") is { } prefix ? prefix.Items() : schema.Find("items") is { Element.ValueKind: JsonValueKind.Array } items ? items.Items() : [];

    private static SchemaPart? Rest(SchemaPart schema) =>
        schema.Find("items") is { Element.ValueKind: not JsonValueKind.Array } items ? items : schema.Find("items") is null ? null : schema.Find("additionalItems");
}
