using System.Reflection;

namespace Caravan.Training;

/// <summary>What can be set in an options record: the table that files of settings, flags, help and documents are made from.</summary>
internal sealed class SettingSchema
{
    private readonly Type type;

    /// <summary>The settings of a record.</summary>
    /// <param name="type">A record whose settings have a <see cref="SettingAttribute"/>; it can be made without arguments.</param>
    /// <param name="prefix">What stands before its keys: empty, or its section and a dot.</param>
    /// <param name="usual">The record as it is when nothing is set, where that is not what its constructor makes.</param>
    public SettingSchema(Type type, string prefix = "", object? usual = null)
    {
        this.type = type;
        object record = usual ?? Create();
        Settings = [.. Properties(type).Select(property => new Setting(property, record, prefix))];
        Shorthand = Settings.SingleOrDefault(setting => setting.Attribute.IsShorthand);
    }

    /// <summary>The settings, in the order of the record.</summary>
    public IReadOnlyList<Setting> Settings { get; }

    /// <summary>The setting that stands for all of them when a value stands alone; null for none.</summary>
    public Setting? Shorthand { get; }

    /// <summary>These settings and those of their sections; sections stand before what is in them.</summary>
    public IEnumerable<Setting> All => Settings.SelectMany(setting => setting.IsSection ? [setting, .. setting.Schema!.All] : (IEnumerable<Setting>)[setting]);

    /// <summary>A record with nothing set.</summary>
    public object Create() => Activator.CreateInstance(type)!;

    /// <summary>Those of a base record first.</summary>
    private static IEnumerable<PropertyInfo> Properties(Type type) =>
        type.GetProperties().Where(property => Attribute.IsDefined(property, typeof(SettingAttribute), inherit: true)).OrderBy(property => Depth(property.DeclaringType!));

    private static int Depth(Type type) => type.BaseType is { } below ? Depth(below) + 1 : 0;
}
