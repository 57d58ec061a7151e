using YamlDotNet.RepresentationModel;

namespace Caravan.Training;

/// <summary>Where a setting was given: in a file or by a flag.</summary>
internal readonly struct SettingPlace
{
    private readonly string? file, flag;

    private SettingPlace(string? file, string? flag, long line)
    {
        (this.file, this.flag) = (file, flag);
        Where = file is null ? "" : $"'{file}' line {line}: ";
    }

    /// <summary>How messages begin: the file and the line, or nothing for flags, whose name says it.</summary>
    public string Where { get; }

    /// <summary>In a file.</summary>
    public static SettingPlace In(string file, YamlNode node) => new(file, null, node.Start.Line);

    /// <summary>By a flag.</summary>
    public static SettingPlace Flag(string name) => new(null, name, 0);

    /// <summary>At another node of the same file.</summary>
    public SettingPlace At(YamlNode node) => file is null ? this : In(file, node);

    /// <summary>What the user calls a setting there.</summary>
    public string NameOf(Setting setting) => flag ?? setting.Path;
}
