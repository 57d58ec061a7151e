using YamlDotNet.RepresentationModel;

namespace Caravan.Training;

/// <summary>Collects what files and flags say about a record's settings, the later word winning, and makes the record.</summary>
/// <typeparam name="T">The record.</typeparam>
internal sealed class SettingsReader<T>
    where T : notnull
{
    private static readonly object Present = new();

    private readonly Dictionary<Setting, object> values = [];

    /// <summary>What can be set.</summary>
    public SettingSchema Schema { get; } = new(typeof(T));

    /// <summary>Takes everything that a file says.</summary>
    /// <exception cref="CaravanException">It is missing, no YAML, or sets what is not known or cannot be: file, line and what was meant.</exception>
    public void ReadFile(string path)
    {
        YamlNode? root = YamlText.Load(path);
        if (root is null || YamlText.IsNull(root)) return;
        SettingPlace place = SettingPlace.In(path, root);
        if (root is not YamlMappingNode mapping) throw new CaravanException($"{place.Where}settings are lines such as 'steps: 100', not {YamlText.Shown(root)}.");
        ReadMapping(Schema, mapping, "settings", place, values);
    }

    /// <summary>Takes what was written behind a setting's flag.</summary>
    /// <param name="setting">One of <see cref="Schema"/>.</param>
    /// <param name="texts">One text, or several for a list; where a list or a section belongs, one that begins with <c>{</c> or <c>[</c> is YAML.</param>
    /// <exception cref="CaravanException">The setting takes no such value.</exception>
    public void ReadFlag(Setting setting, IReadOnlyList<string> texts)
    {
        SettingPlace place = SettingPlace.Flag(setting.FlagName);
        YamlNode[] nodes = [.. texts.Select(text => FlagValue(setting, text))];
        Assign(setting, nodes.Length > 1 && setting.IsList ? new YamlSequenceNode(nodes) : nodes[^1], place, values);
    }

    /// <summary>The record, with the defaults of whatever was not set.</summary>
    /// <exception cref="CaravanException">Something that is required was not set.</exception>
    public T Build() => (T)Build(Schema, Schema.Create(), values, default);

    private static object Build(SettingSchema schema, object record, Dictionary<Setting, object> values, SettingPlace place)
    {
        foreach (Setting setting in schema.Settings)
        {
            if (setting.IsSection)
            {
                if (setting.Schema!.All.Prepend(setting).Any(values.ContainsKey))
                    setting.SetIn(record, Build(setting.Schema, setting.ValueIn(record) ?? setting.Schema.Create(), values, place));
            }
            else if (values.TryGetValue(setting, out object? value))
            {
                setting.SetIn(record, value);
            }
            else if (setting.Attribute.IsRequired)
            {
                string flag = place.Where is null ? $" into the settings, or give {setting.FlagName}" : "";
                throw new CaravanException(
                    $"{place.Where}{setting.Path} was not given ({Lowered(setting.Attribute.Description)}); write '{setting.Key}: {SettingValue.PlaceholderOf(setting)}'{flag}.");
            }
        }

        return record;
    }

    private void ReadMapping(SettingSchema schema, YamlMappingNode mapping, string owner, SettingPlace place, Dictionary<Setting, object> into)
    {
        foreach ((YamlNode key, YamlNode value) in mapping.Children)
        {
            SettingPlace here = place.At(key);
            string name = (key as YamlScalarNode)?.Value ?? throw new CaravanException($"{here.Where}a key must be a word, not {YamlText.Shown(key)}.");
            Setting setting = schema.Settings.FirstOrDefault(each => each.Key == name) ?? throw Unknown(schema, name, owner, here);
            Assign(setting, value, here, into);
        }
    }

    private void Assign(Setting setting, YamlNode node, SettingPlace place, Dictionary<Setting, object> into)
    {
        if (YamlText.IsNull(node))
        {
            foreach (Setting each in setting.IsSection ? setting.Schema!.All.Prepend(setting) : [setting]) into.Remove(each);
        }
        else if (setting.IsSection)
        {
            into[setting] = Present;
            ReadRecord(setting, node, place, into);
        }
        else if (setting.IsList)
        {
            IEnumerable<YamlNode> items = node is YamlSequenceNode sequence ? sequence.Children : [node];
            object[] elements = [.. items.Select(item => Element(setting, item, place.At(item)))];
            Array typed = Array.CreateInstance(setting.ValueType, elements.Length);
            elements.CopyTo(typed, 0);
            into[setting] = typed;
        }
        else
        {
            into[setting] = Value(setting, node, place);
        }
    }

    private object Element(Setting setting, YamlNode node, SettingPlace place)
    {
        if (setting.Schema is null) return Value(setting, node, place);
        Dictionary<Setting, object> inner = [];
        ReadRecord(setting, node, place, inner);
        return Build(setting.Schema, setting.Schema.Create(), inner, place);
    }

    /// <summary>A section or an element of a list: keys and values, or a value that stands for all of them.</summary>
    private void ReadRecord(Setting setting, YamlNode node, SettingPlace place, Dictionary<Setting, object> into)
    {
        if (node is YamlMappingNode mapping) ReadMapping(setting.Schema!, mapping, $"'{setting.Path}'", place, into);
        else if (node is YamlScalarNode && setting.Schema!.Shorthand is { } alone) Assign(alone, node, place, into);
        else
        {
            string keys = string.Join(", ", setting.Schema!.Settings.Select(each => each.Key));
            throw new CaravanException($"{place.Where}{place.NameOf(setting)} takes a section with some of {keys}, not {YamlText.Shown(node)}.");
        }
    }

    private static object Value(Setting setting, YamlNode node, SettingPlace place)
    {
        string? text = (node as YamlScalarNode)?.Value;
        if (text is not null && SettingValue.Parse(setting, text) is { } value) return value;
        string meant = text is not null && setting.ValueType.IsEnum ? Suggestion.DidYouMean(text, SettingValue.NamesOf(setting.ValueType)) : "";
        throw new CaravanException($"{place.Where}{place.NameOf(setting)} takes {SettingValue.ExpectedBy(setting)}, not {YamlText.Shown(node)}.{meant}");
    }

    /// <summary>The key that was meant: a similar one there, the same one elsewhere, or one of all.</summary>
    private CaravanException Unknown(SettingSchema schema, string name, string owner, SettingPlace place)
    {
        string[] keys = [.. schema.Settings.Select(each => each.Key)];
        string[] elsewhere = [.. Schema.All.Where(each => each.Key == name).Select(each => $"'{each.Path}'")];
        string meant = elsewhere.Length > 0 ? $" Did you mean {string.Join(" or ", elsewhere)}?" : Suggestion.DidYouMean(name, keys);
        return new CaravanException($"{place.Where}'{name}' is no key of {owner}.{(meant.Length > 0 ? meant : $" Known are {string.Join(", ", keys)}.")}");
    }

    private static YamlNode FlagValue(Setting setting, string text) =>
        text is ['{' or '[', ..] && (setting.IsList || setting.IsSection)
            ? YamlText.Parse(new StringReader(text), setting.FlagName) ?? new YamlScalarNode(text)
            : new YamlScalarNode(text);

    private static string Lowered(string sentence) => char.ToLowerInvariant(sentence[0]) + sentence[1..].TrimEnd('.');
}
