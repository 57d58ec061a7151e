using System.Reflection;
using System.Text.Json;

namespace Caravan.Training;

/// <summary>One thing that users set: a value, a list, or a section with settings of its own. Made from a property with a <see cref="SettingAttribute"/>.</summary>
internal sealed class Setting
{
    private readonly PropertyInfo property;

    /// <summary>The setting of a property.</summary>
    /// <param name="property">With a <see cref="SettingAttribute"/>.</param>
    /// <param name="record">The property's record as it is when nothing is set.</param>
    /// <param name="prefix">What stands before its key: empty, or the section and a dot.</param>
    public Setting(PropertyInfo property, object record, string prefix)
    {
        this.property = property;
        Attribute = (SettingAttribute)System.Attribute.GetCustomAttribute(property, typeof(SettingAttribute), inherit: true)!;
        Key = JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);
        Path = prefix + Key;
        Default = property.GetValue(record);
        Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        IsList = type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>);
        ValueType = IsList ? type.GenericTypeArguments[0] : type;
        if (SettingValue.IsPlain(ValueType)) return;
        Schema = new SettingSchema(ValueType, Path + ".", IsList ? null : Default);
    }

    /// <summary>What was said of it.</summary>
    public SettingAttribute Attribute { get; }

    /// <summary>Its name in its section, such as <c>beta2</c>.</summary>
    public string Key { get; }

    /// <summary>Its name with its section's, such as <c>optimizer.beta2</c>.</summary>
    public string Path { get; }

    /// <summary>The flag that sets it, such as <c>--optimizer.beta2</c>.</summary>
    public string FlagName => $"--{Path.Replace('_', '-')}";

    /// <summary>What it is when nothing is set; null for nothing.</summary>
    public object? Default { get; }

    /// <summary>Whether it takes several values.</summary>
    public bool IsList { get; }

    /// <summary>Whether it has settings of its own.</summary>
    public bool IsSection => Schema is not null && !IsList;

    /// <summary>The type of its value, or of an element of its list.</summary>
    public Type ValueType { get; }

    /// <summary>The settings of its section, or of an element of its list; null for plain values.</summary>
    public SettingSchema? Schema { get; }

    /// <summary>The value in a record.</summary>
    public object? ValueIn(object record) => property.GetValue(record);

    /// <summary>Gives a record that was just made the value.</summary>
    public void SetIn(object record, object? value) => property.SetValue(record, value);
}
