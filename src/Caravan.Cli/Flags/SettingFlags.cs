using System.CommandLine;
using System.CommandLine.Parsing;
using Caravan.Training;

namespace Caravan.Cli;

/// <summary>A flag for every setting of an options record; see <see cref="SettingSchema"/>.</summary>
/// <typeparam name="T">The record.</typeparam>
internal sealed class SettingFlags<T>
    where T : notnull
{
    private readonly SettingsReader<T> reader = new();
    private readonly List<(Setting Setting, Option Option)> flags;

    /// <summary>New flags, for one command line.</summary>
    public SettingFlags() => flags = [.. reader.Schema.All.Where(HasFlag).Select(setting => (setting, Make(setting)))];

    /// <summary>Those that most users need.</summary>
    public IEnumerable<Option> Common => flags.Where(flag => flag.Setting.Attribute.IsCommon).Select(flag => flag.Option);

    /// <summary>The others, by section; those of no section first. A section's flag stands for the setting that it is short for.</summary>
    public IEnumerable<HelpSection> Sections
    {
        get
        {
            yield return Section("", "More settings", reader.Schema.Settings.Where(setting => !setting.IsSection));
            foreach (Setting section in reader.Schema.Settings.Where(setting => setting.IsSection))
                yield return Section(section.Key, section.Attribute.Description, section.Schema!.All.Where(each => each != section.Schema.Shorthand).Prepend(section));
        }
    }

    /// <summary>What a file and the flags say, flags winning.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="file">The file of settings; null for none.</param>
    /// <exception cref="UsageException">A flag has a value that its setting does not take, or a setting is missing.</exception>
    /// <exception cref="CaravanException">The file is missing or broken.</exception>
    public T Read(ParseResult parsed, string? file)
    {
        if (file is not null) reader.ReadFile(file);
        try
        {
            foreach ((Setting setting, Option option) in flags)
                if (parsed.GetResult(option) is { Implicit: false } given) reader.ReadFlag(setting, TextsOf(given));
            return reader.Build();
        }
        catch (CaravanException exception)
        {
            throw new UsageException(exception.Message);
        }
    }

    /// <summary>What was typed for a setting; null for nothing.</summary>
    public string? Given(ParseResult parsed, string path) =>
        parsed.GetResult(flags.Single(flag => flag.Setting.Path == path).Option)?.Tokens is [.., var last] ? last.Value : null;

    private HelpSection Section(string name, string title, IEnumerable<Setting> settings) =>
        new(name, title, [.. settings.Where(setting => HasFlag(setting) && !setting.Attribute.IsCommon).Select(setting => flags.Single(flag => flag.Setting == setting).Option)]);

    /// <summary>A section without a shorthand is set by its own settings.</summary>
    private static bool HasFlag(Setting setting) => !setting.IsSection || setting.Schema!.Shorthand is not null;

    private static Option Make(Setting setting)
    {
        // A section's flag gives the setting that stands for it.
        Setting meant = setting.IsSection ? setting.Schema!.Shorthand! : setting;
        string placeholder = SettingValue.PlaceholderOf(setting), description = meant.Attribute.Description + DefaultOf(meant);
        Option option = setting switch
        {
            { IsList: true } => Flag.Texts(setting.FlagName, placeholder, description),
            { IsList: false } when setting.ValueType == typeof(bool) =>
                new Option<bool?>(setting.FlagName) { Description = description, Arity = ArgumentArity.ZeroOrOne, HelpName = placeholder },
            _ => Flag.Text(setting.FlagName, placeholder, description),
        };
        option.Hidden = !setting.Attribute.IsCommon;
        return option;
    }

    private static string DefaultOf(Setting setting) => setting switch
    {
        { IsList: true } => " May be repeated.",
        { Default: null or "" or false } => "",
        { Default: { } value } => $" Default {SettingValue.Shown(value)}.",
    };

    /// <summary>A switch that stands alone means true.</summary>
    private static string[] TextsOf(OptionResult given) => given.Tokens.Count == 0 ? ["true"] : [.. given.Tokens.Select(token => token.Value)];
}
