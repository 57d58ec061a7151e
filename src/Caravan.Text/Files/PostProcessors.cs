using System.Text.Json;

namespace Caravan.Text;

/// <summary>Reads which special tokens a tokenizer.json puts around a text.</summary>
internal static class PostProcessors
{
    private static readonly string[] Known = ["Sequence", "ByteLevel", "TemplateProcessing", "BertProcessing", "RobertaProcessing"];

    /// <summary>The definition with its tokens before and after a text.</summary>
    /// <exception cref="CaravanException">The type is not known, or it names tokens that are not there.</exception>
    public static TokenizerDefinition Read(JsonField field, TokenizerDefinition definition)
    {
        string type = field.Required("type").String();
        switch (type)
        {
            case "Sequence":
                foreach (JsonField step in field.Required("processors").Items()) definition = Read(step, definition);
                return definition;
            case "ByteLevel":
                return definition;
            case "TemplateProcessing":
                return Template(field, definition);
            case "BertProcessing" or "RobertaProcessing":
                return definition with { Before = [PairId(field.Required("cls"))], After = [PairId(field.Required("sep"))] };
            default:
                throw new CaravanException($"{field.Place} names the post-processor '{type}', which is not known.{Suggestion.DidYouMean(type, Known)}");
        }
    }

    private static int PairId(JsonField pair)
    {
        JsonField[] items = [.. pair.Items().Take(3)];
        return items.Length == 2 ? items[1].Count() : throw pair.Mismatch("a pair of token and id");
    }

    private static TokenizerDefinition Template(JsonField field, TokenizerDefinition definition)
    {
        Dictionary<string, List<int>> ids = new(StringComparer.Ordinal);
        if (field.Find("special_tokens") is { } specials)
            foreach ((string name, JsonField token) in specials.Members()) ids[name] = [.. token.Required("ids").Items().Select(id => id.Count())];
        List<int> before = [], after = [];
        bool passed = false;
        foreach (JsonField item in field.Required("single").Items())
        {
            if (item.Find("Sequence") is not null)
            {
                passed = true;
                continue;
            }

            JsonField name = item.Required("SpecialToken").Required("id");
            if (!ids.TryGetValue(name.String(), out List<int>? found))
                throw new CaravanException($"{name.Place} names '{name.String()}', which is not among the template's special_tokens; add it there.");
            (passed ? after : before).AddRange(found);
        }

        return definition with { Before = [.. definition.Before, .. before], After = [.. after, .. definition.After] };
    }

    /// <summary>Writes the tokens around a text as a template.</summary>
    public static void Write(Utf8JsonWriter writer, TokenizerDefinition definition)
    {
        if (definition.Before.Count == 0 && definition.After.Count == 0)
        {
            writer.WriteNullValue();
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("type", "TemplateProcessing");
        writer.WriteStartArray("single");
        WritePart(writer, definition, "A", 0);
        writer.WriteEndArray();
        writer.WriteStartArray("pair");
        WritePart(writer, definition, "A", 0);
        WritePart(writer, definition, "B", 1);
        writer.WriteEndArray();
        writer.WriteStartObject("special_tokens");
        foreach (int id in definition.Before.Concat(definition.After).Distinct())
        {
            writer.WriteStartObject(definition.Pieces[id].Text);
            writer.WriteString("id", definition.Pieces[id].Text);
            writer.WriteStartArray("ids");
            writer.WriteNumberValue(id);
            writer.WriteEndArray();
            writer.WriteStartArray("tokens");
            writer.WriteStringValue(definition.Pieces[id].Text);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WritePart(Utf8JsonWriter writer, TokenizerDefinition definition, string sequence, int type)
    {
        foreach (int id in definition.Before) WriteItem(writer, "SpecialToken", definition.Pieces[id].Text, type);
        WriteItem(writer, "Sequence", sequence, type);
        foreach (int id in definition.After) WriteItem(writer, "SpecialToken", definition.Pieces[id].Text, type);
    }

    private static void WriteItem(Utf8JsonWriter writer, string kind, string id, int type)
    {
        writer.WriteStartObject();
        writer.WriteStartObject(kind);
        writer.WriteString("id", id);
        writer.WriteNumber("type_id", type);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
