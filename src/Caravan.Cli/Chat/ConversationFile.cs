using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Caravan.Formats;

namespace Caravan.Cli;

/// <summary>A conversation in a file: a JSON array of messages with <c>role</c> and <c>content</c>, as chat services take them.</summary>
internal sealed record ConversationFile(string? System, IReadOnlyList<(string User, string Assistant)> Turns)
{
    private static readonly JsonSerializerOptions Options = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One message.</summary>
    public static JsonObject Message(string role, string content) => new() { ["role"] = role, ["content"] = content };

    /// <summary>Writes the file; an older one of that name is replaced.</summary>
    /// <exception cref="CaravanException">It cannot be written.</exception>
    public void Save(string path)
    {
        JsonArray messages = [];
        if (System is not null) messages.Add(Message("system", System));
        foreach ((string user, string assistant) in Turns)
        {
            messages.Add(Message("user", user));
            messages.Add(Message("assistant", assistant));
        }

        AtomicFile.Write(Path.GetFullPath(path), Terminal.Utf8.GetBytes(messages.ToJsonString(Options) + "\n"));
    }

    /// <summary>Reads a file: an array of messages, or an object with such an array under <c>messages</c>.</summary>
    /// <exception cref="CaravanException">It holds no conversation of a user and an assistant in turn.</exception>
    public static ConversationFile Load(string path)
    {
        JsonElement root;
        try
        {
            root = JsonDocument.Parse(TextFlags.ReadFile(path)).RootElement;
        }
        catch (JsonException exception)
        {
            throw new CaravanException($"'{path}' is not valid JSON at line {exception.LineNumber + 1}; an array of messages was expected.", exception);
        }

        if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("messages", out JsonElement inner)) root = inner;
        if (root.ValueKind != JsonValueKind.Array) throw new CaravanException($"'{path}' holds no array of messages.");
        string? system = null, question = null;
        List<(string, string)> turns = [];
        foreach (JsonElement message in root.EnumerateArray())
        {
            (string role, string content) = (Text(path, message, "role"), Text(path, message, "content"));
            switch (role)
            {
                case "system" when turns.Count == 0 && question is null: system = content; break;
                case "user" when question is null: question = content; break;
                case "assistant" when question is not null:
                    turns.Add((question, content));
                    question = null;
                    break;
                default: throw new CaravanException($"'{path}' has a message of the role '{role}' where one of the {(question is null ? "user" : "assistant")} was expected.");
            }
        }

        return question is null ? new ConversationFile(system, turns) : throw new CaravanException($"'{path}' ends with a message of the user, which nobody answered.");
    }

    private static string Text(string path, JsonElement message, string key)
    {
        try
        {
            return message.ValueKind == JsonValueKind.Object && message.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.String
                ? value.GetString()! : throw new CaravanException($"'{path}' has a message without a text '{key}'.");
        }
        catch (InvalidOperationException exception)
        {
            throw new CaravanException($"'{path}' holds a text that is not valid Unicode.", exception);
        }
    }
}
