using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Caravan.Training;

/// <summary>Reads YAML, and says in a sentence what is wrong with it.</summary>
internal static class YamlText
{
    private const long LargestFile = 1 << 20;

    /// <summary>What a file holds; null for nothing.</summary>
    /// <exception cref="CaravanException">It is missing, too large for settings, or no YAML.</exception>
    public static YamlNode? Load(string path)
    {
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > LargestFile } file)
                throw new CaravanException($"'{path}' has {file.Length} bytes; settings have at most {LargestFile}, so this is probably another file.");
            using StreamReader reader = File.OpenText(path);
            return Parse(reader, $"'{path}'");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CaravanException($"'{path}' does not exist; check the path.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CaravanException($"'{path}' cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>What a text holds; null for nothing.</summary>
    /// <param name="reader">The text.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="CaravanException">It is no YAML.</exception>
    public static YamlNode? Parse(TextReader reader, string name)
    {
        try
        {
            YamlStream stream = new();
            stream.Load(reader);
            return stream.Documents.Count switch
            {
                0 => null,
                1 => stream.Documents[0].RootNode,
                _ => throw new CaravanException($"{name} holds {stream.Documents.Count} documents; settings are one, so take the lines '---' away."),
            };
        }
        catch (YamlException exception)
        {
            throw new CaravanException($"{name} line {exception.Start.Line}: this is no YAML ({exception.Message.TrimEnd('.')}).", exception);
        }
    }

    /// <summary>The values of a text by their paths, such as <c>optimizer.name</c> and <c>data.0.path</c>; empty for a text that is no YAML.</summary>
    public static IReadOnlyDictionary<string, string> Flattened(string text)
    {
        Dictionary<string, string> values = new(StringComparer.Ordinal);
        try
        {
            if (Parse(new StringReader(text), "The settings") is { } root) Flatten(root, "", values);
        }
        catch (CaravanException)
        {
            // Somebody edited the file of an old run; the rest of its report is still worth reading.
        }

        return values;
    }

    /// <summary>Whether a node says nothing: <c>null</c>, <c>~</c>, or nothing at all.</summary>
    public static bool IsNull(YamlNode node) => node is YamlScalarNode { Style: ScalarStyle.Plain or ScalarStyle.Any, Value: null or "" or "~" or "null" };

    /// <summary>A node in a message.</summary>
    public static string Shown(YamlNode node) => node switch
    {
        YamlScalarNode scalar => $"'{scalar.Value}'",
        YamlSequenceNode => "a list",
        _ => "a section",
    };

    private static void Flatten(YamlNode node, string path, Dictionary<string, string> values)
    {
        string prefix = path.Length == 0 ? "" : path + ".";
        if (node is YamlScalarNode scalar) values[path] = scalar.Value ?? "";
        else if (node is YamlMappingNode mapping)
            foreach ((YamlNode key, YamlNode value) in mapping.Children) Flatten(value, prefix + key, values);
        else if (node is YamlSequenceNode sequence)
            for (int i = 0; i < sequence.Children.Count; i++) Flatten(sequence.Children[i], $"{prefix}{i}", values);
    }
}
