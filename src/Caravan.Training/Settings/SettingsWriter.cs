using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Caravan.Formats;

namespace Caravan.Training;

/// <summary>Writes settings as YAML that <see cref="SettingsReader{T}"/> reads: every value, also those that are defaults, since defaults may change.</summary>
internal static partial class SettingsWriter
{
    private static readonly JsonSerializerOptions Quoting = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a file.</summary>
    /// <param name="path">Where.</param>
    /// <param name="settings">The record.</param>
    /// <param name="head">A comment at its beginning.</param>
    /// <param name="matters">Whether a setting of the record's own matters; null for all.</param>
    /// <exception cref="CaravanException">It cannot be written.</exception>
    public static void WriteFile(string path, object settings, string head, Func<Setting, bool>? matters = null) =>
        AtomicFile.Write(path, Encoding.UTF8.GetBytes($"# {head}\n{Write(settings, matters)}"));

    /// <summary>The settings as YAML; paths of what is there are written in full, so that the file means the same from every folder.</summary>
    public static string Write(object settings, Func<Setting, bool>? matters = null)
    {
        StringBuilder text = new();
        SettingSchema schema = new(settings.GetType());
        Append(text, schema.Settings.Where(setting => matters?.Invoke(setting) ?? true), settings, "");
        return text.ToString();
    }

    private static void Append(StringBuilder text, IEnumerable<Setting> settings, object record, string indent)
    {
        foreach (Setting setting in settings)
        {
            if (setting.ValueIn(record) is not { } value) continue;
            text.Append(indent).Append(setting.Key).Append(':');
            if (setting.IsList) AppendList(text, setting, (System.Collections.IEnumerable)value, indent + "  ");
            else if (setting.IsSection) Append(text.Append('\n'), setting.Schema!.Settings, value, indent + "  ");
            else text.Append(' ').Append(Scalar(setting, value)).Append('\n');
        }
    }

    private static void AppendList(StringBuilder text, Setting setting, System.Collections.IEnumerable values, string indent)
    {
        object[] elements = [.. values.Cast<object>()];
        text.Append(elements.Length == 0 ? " []\n" : "\n");
        foreach (object element in elements)
        {
            text.Append(indent).Append("- ");
            if (setting.Schema is null)
            {
                text.Append(Scalar(setting, element)).Append('\n');
                continue;
            }

            StringBuilder inner = new();
            Append(inner, setting.Schema.Settings, element, indent + "  ");
            text.Append(inner.ToString().AsSpan(indent.Length + 2));
        }
    }

    private static string Scalar(Setting setting, object value)
    {
        string written = SettingValue.Write(value);
        if (setting.Attribute.IsPath && (File.Exists(written) || Directory.Exists(written))) written = Path.GetFullPath(written);
        return setting.ValueType != typeof(string) || Harmless().IsMatch(written) ? written : JsonSerializer.Serialize(written, Quoting);
    }

    /// <summary>Texts that YAML takes for themselves; a word that it takes for something else begins otherwise or is <c>null</c>.</summary>
    [GeneratedRegex(@"^(?!null$|true$|false$)[A-Za-z/_][A-Za-z0-9/._+-]*$")]
    private static partial Regex Harmless();
}
